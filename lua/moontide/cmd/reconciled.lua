--- What reconcile and scale have in common: images that are made as wished, all at once.

local changes = require "moontide.cmd.changes"
local errors = require "moontide.core.errors"
local ordered = require "moontide.core.ordered"
local outcome = require "moontide.cmd.outcome"
local tasks = require "moontide.core.tasks"
local waiting = require "moontide.cmd.waiting"

local LIMIT = 8 -- images at once

---@class moontide.Reconciling
---@field command string
---@field manager moontide.Manager
---@field images string[]
---@field single boolean? one image was named
---@field plan fun(image: string): table[]?, moontide.Error?
---@field act fun(image: string): table

-- One flat list of steps; the first image that cannot be planned ends it.
local function plan(of)
  local steps = {}
  local plans, problems = tasks.map(of.images, of.plan, {limit = LIMIT})
  for i, image in ipairs(of.images) do
    if not plans[i] then return nil, problems[i] end
    for _, step in ipairs(plans[i]) do
      step.image = image
      steps[#steps + 1] = step
    end
  end
  return steps
end

-- Whether an action failed, or none could be taken. That too few run may mend itself: --wait waits for it.
local function failed_for_good(result)
  for _, action in ipairs(result.actions) do
    if not action.ok then return true end
  end
  return result.kind ~= nil
end

local function tell(of, results, patient)
  local rows, failures = {}, {}
  for _, result in ipairs(results) do
    local done, failed = outcome.of_reconcile(of.command, result, patient and not failed_for_good(result))
    table.move(done, 1, #done, #rows + 1, rows)
    table.move(failed, 1, #failed, #failures + 1, failures)
  end
  return rows, failures
end

-- Of one image: what is missing. What is seen is what the document has, too.
local function missing_of(of, result)
  local list, err = of.manager:get_containers_for_image(result.image)
  if not list then return nil, err end
  local wish = of.manager:desired(result.image)
  result.current = list
  local lack = waiting.missing({
    min = result.desired.min_replicas, max = result.desired.max_replicas,
    keys = ordered.keys(wish and wish.ports or {}),
    stopped = wish ~= nil and wish.resources.status == "stopped",
  }, list)
  if not lack then result.ok, result.error = true, nil end
  return lack
end

local function missing(of, results)
  for _, result in ipairs(results) do
    local lack, err = missing_of(of, result)
    if err then return nil, err end
    if lack then return #results == 1 and lack or ("%s: %s"):format(errors.escape(result.image), lack) end
  end
  return nil
end

--- Plans them, or makes them as wished.
---@param options table of the command line
---@param of moontide.Reconciling
---@return integer? code; nil, err
---@return moontide.Error?
local function run(options, of)
  if options.dry_run then
    local steps, err = plan(of)
    if not steps then return nil, err end
    return changes.print_plan(options, steps)
  end
  return changes.run(options, {
    command = of.command, single = of.single,
    what = of.single and ("%s %s"):format(of.command, errors.escape(of.images[1])) or of.command,
    act = function() return (tasks.map(of.images, of.act, {limit = LIMIT})) end,
    tell = function(results) return tell(of, results, options.wait) end, failed = failed_for_good,
    missing = function(results) return missing(of, results) end,
  })
end

return {run = run}
