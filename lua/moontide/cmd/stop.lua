--- moontide stop NAME...: containers that run.

local changes = require "moontide.cmd.changes"
local named = require "moontide.cmd.named"

local LIVES = {running = true, restarting = true, paused = true}

local function declare(parser)
  named.declare(parser, "Names or ids.")
  changes.declare(parser)
end

local function steps(summary)
  if not LIVES[summary.status] then return {} end
  return {{action = "stop", reason = "it is " .. summary.status}}
end

local function run(options)
  local m = require "moontide.manager" {}
  return named.run(options, {
    command = "stop", verb = "stopped", steps = steps,
    act = function(summary) return m:set_container_status(summary.container_id, {status = "stopped"}) end,
    failed = function(message) return {ok = false, error = message} end,
  })
end

return {name = "stop", description = "Stops containers, in 5s or else by force.", declare = declare, run = run}
