--- What --wait waits for: containers that run, are healthy where they have a health check, and have their
--- ports bound; pure.

local errors = require "moontide.core.errors"

local MAX_TOLD = 3 -- containers in a message

local function unbound(summary, keys)
  local missing = {}
  for _, key in ipairs(keys) do
    local bindings = (summary.ports or {})[key]
    if not (bindings and bindings[1]) then missing[#missing + 1] = key end
  end
  return missing[1] and table.concat(missing, ", ") or nil
end

--- What a container lacks to be ready.
---@param summary moontide.Summary
---@param keys string[] ports that are to be bound: "80/tcp"
---@return string? text "shop-1a2b3c4d is starting"; nil: it is ready
local function lacks(summary, keys)
  local name = errors.escape(summary.name or "?")
  if summary.status ~= "running" then
    local code = summary.status == "exited" and summary.exit_code
    return ("%s is %s"):format(name, summary.status) .. (code and (" (exit code %d)"):format(code) or "")
  end
  if summary.health and summary.health ~= "healthy" and summary.health ~= "none" then
    return ("%s is %s"):format(name, summary.health)
  end
  local ports = unbound(summary, keys)
  return ports and ("%s has no %s yet"):format(name, ports) or nil
end

---@class moontide.Goal
---@field min integer so many are to be ready
---@field max integer? and no more may run
---@field keys string[]? ports that are to be bound
---@field stopped boolean? none is to run instead

local function still_runs(list)
  for _, summary in ipairs(list) do
    if summary.status == "running" then return ("%s still runs"):format(errors.escape(summary.name)) end
  end
  return nil
end

-- How many are ready, how many run, and what the first of the others lack.
local function count(list, keys)
  local ready, run, told = 0, 0, {}
  for _, summary in ipairs(list) do
    local lack = lacks(summary, keys)
    ready = ready + (lack and 0 or 1)
    run = run + (summary.status == "running" and 1 or 0)
    if lack and #told < MAX_TOLD then told[#told + 1] = lack end
  end
  return ready, run, told
end

--- What is missing yet.
---@param goal moontide.Goal
---@param list moontide.Summary[] the containers that it is about
---@return string? text nil: nothing
local function missing(goal, list)
  if goal.stopped then return still_runs(list) end
  local ready, run, told = count(list, goal.keys or {})
  if ready < goal.min then
    local what = ("%d of %d %s ready"):format(ready, goal.min, goal.min == 1 and "container is" or "containers are")
    return #told > 0 and ("%s; %s"):format(what, table.concat(told, ", ")) or what
  end
  if goal.max and run > goal.max then return ("%d containers run, at most %d may"):format(run, goal.max) end
  return nil
end

return {missing = missing}
