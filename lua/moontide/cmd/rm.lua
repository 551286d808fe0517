--- moontide rm NAME...: containers are stopped and removed.

local changes = require "moontide.cmd.changes"
local named = require "moontide.cmd.named"

local LIVES = {running = true, restarting = true, paused = true}

local function declare(parser)
  named.declare(parser, "Names or ids.")
  parser:flag("-f --force", "Kill it without a time to stop; also one that moontide does not manage.")
  changes.declare(parser)
end

local function steps(summary, force)
  local list = {{action = "remove", reason = "it is " .. summary.status}}
  if LIVES[summary.status] and not force then
    table.insert(list, 1, {action = "stop", reason = "it is " .. summary.status})
  end
  return list
end

local function run(options)
  local m = require "moontide.manager" {}
  local force = options.force or false
  return named.run(options, {
    command = "rm", verb = "removed",
    steps = function(summary) return steps(summary, force) end,
    act = function(summary) return m:delete_container(summary.container_id, {force = force}) end,
    failed = function(message) return {deleted = false, error = message} end,
  })
end

return {name = "rm", description = "Stops and removes containers.", declare = declare, run = run}
