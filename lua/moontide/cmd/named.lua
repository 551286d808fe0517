--- What start, stop and rm have in common: containers by name, all at once; what one lacks does not stop the
--- others.

local changes = require "moontide.cmd.changes"
local errors = require "moontide.core.errors"
local lookup = require "moontide.cmd.lookup"
local outcome = require "moontide.cmd.outcome"
local show = require "moontide.core.show"
local tasks = require "moontide.core.tasks"

local LIMIT = 16 -- containers at once

---@class moontide.Naming
---@field command string
---@field verb string "started"
---@field act fun(summary: moontide.Summary): table the manager's result
---@field steps fun(summary: moontide.Summary): table[] what would be done: {action, reason}
---@field failed fun(message: string): table a result
---@field missing nil|fun(result: table): string?, moontide.Error?

local function declare(parser, description)
  parser:argument("container", description):args "+"
end

local function plan(of, found)
  local steps = {}
  for _, summary in ipairs(found) do
    if errors.is(summary) then return nil, summary end
    for _, step in ipairs(of.steps(summary)) do
      step.container_id, step.name = summary.container_id, summary.name
      steps[#steps + 1] = step
    end
  end
  return steps
end

local function act_on(of, word, summary)
  if errors.is(summary) then
    local result = of.failed(summary.kind == "not_found" and "not-found" or summary.message)
    result.name, result.kind, result.told = word, summary.kind, summary.message
    return result
  end
  local result = of.act(summary)
  result.name, result.container_id = result.name or summary.name, result.container_id or summary.container_id
  return result
end

-- `told` is for people only: the document has the manager's own words.
local function tell(of, results)
  local rows, failures = {}, {}
  for _, result in ipairs(results) do
    local told = result.told
    result.told = nil
    if told then
      failures[#failures + 1] = ("%s: %s"):format(of.command, told)
    elseif result.error then
      failures[#failures + 1] = ("%s %s: %s"):format(of.command, show.short(result.name), result.error)
    else
      rows[#rows + 1] = outcome.row(of.verb, result)
    end
  end
  return rows, failures
end

local function unique(words)
  local list, seen = {}, {}
  for _, word in ipairs(words) do
    if not seen[word] then list[#list + 1] = word end
    seen[word] = true
  end
  return list
end

local function missing(of, results)
  for _, result in ipairs(results) do
    local lack, err = of.missing(result)
    if lack or err then return lack, err end
  end
  return nil
end

--- Does it to every container that was named.
---@param options table of the command line
---@param of moontide.Naming
---@return integer? code; nil, err
---@return moontide.Error?
local function run(options, of)
  local words = unique(options.container)
  local found, err = lookup.containers(of.command, words)
  if not found then return nil, err end
  if options.dry_run then
    local steps
    steps, err = plan(of, found)
    if not steps then return nil, err end
    return changes.print_plan(options, steps)
  end
  return changes.run(options, {
    command = of.command, what = of.command,
    act = function()
      return (tasks.map(words, function(word, i) return act_on(of, word, found[i]) end, {limit = LIMIT}))
    end,
    tell = function(results) return tell(of, results) end,
    missing = of.missing and function(results) return missing(of, results) end,
  })
end

return {declare = declare, run = run}
