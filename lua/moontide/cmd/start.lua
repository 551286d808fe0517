--- moontide start NAME...: containers that do not run.

local changes = require "moontide.cmd.changes"
local named = require "moontide.cmd.named"
local ordered = require "moontide.core.ordered"
local target = require "moontide.cmd.target"
local waiting = require "moontide.cmd.waiting"

local function declare(parser)
  named.declare(parser, "Names or ids.")
  changes.declare(parser)
end

-- The ports of its image's wish, if it is managed.
local function missing(m, result)
  local summary, err = m:summarize_container(result.container_id)
  if not summary then return nil, err end
  result.status, result.ports = summary.status, summary.ports
  local managed = (summary.labels or {})["orchestrator.image"]
  local wish = managed and m:desired(target.image_of(summary))
  return waiting.missing({min = 1, keys = ordered.keys(wish and wish.ports or {})}, {summary})
end

local function steps(summary)
  if summary.status == "running" then return {} end
  return {{action = "start", reason = "it is " .. summary.status}}
end

local function run(options)
  local m = require "moontide.manager" {}
  return named.run(options, {
    command = "start", verb = "started", steps = steps,
    act = function(summary) return m:set_container_status(summary.container_id, {status = "running"}) end,
    failed = function(message) return {ok = false, error = message} end,
    missing = function(result) return missing(m, result) end,
  })
end

return {name = "start", description = "Starts containers that do not run.", declare = declare, run = run}
