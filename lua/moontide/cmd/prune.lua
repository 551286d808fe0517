--- moontide prune: managed containers that do not run are removed.

local changes = require "moontide.cmd.changes"
local json = require "moontide.c.json"
local outcome = require "moontide.cmd.outcome"
local target = require "moontide.cmd.target"

local DEAD = {exited = true, created = true, dead = true}

local declare = changes.declare

-- Those whose image is wished to be stopped stay.
local function plan(m)
  local list, err = m:list_managed_containers()
  if not list then return nil, err end
  local steps = {}
  for _, summary in ipairs(list) do
    local image = target.image_of(summary)
    local wish = DEAD[summary.status] and m:desired(image)
    if DEAD[summary.status] and not (wish and wish.resources.status == "stopped") then
      steps[#steps + 1] = {
        action = "remove", image = image, container_id = summary.container_id, name = summary.name,
        reason = "it is " .. summary.status,
      }
    end
  end
  return steps
end

local function tell(results)
  local rows, failures = {}, {}
  for _, action in ipairs(results[1].actions) do
    if action.ok then
      rows[#rows + 1] = outcome.row("removed", action)
    else
      failures[#failures + 1] = ("prune %s: %s"):format(action.name, action.error or "it failed")
    end
  end
  if not results[1].ok and #failures == 0 then failures[1] = "prune: " .. (results[1].error or "it failed") end
  return rows, failures
end

local function run(options)
  local m = require "moontide.manager" {}
  if options.dry_run then
    local steps, err = plan(m)
    if not steps then return nil, err end
    return changes.print_plan(options, json.array(steps))
  end
  return changes.run(options, {
    command = "prune", what = "prune", single = true, tell = tell,
    act = function() return {m:prune()} end,
  })
end

return {
  name = "prune", declare = declare, run = run,
  description = "Removes the managed containers that do not run: exited, dead, or never started.",
}
