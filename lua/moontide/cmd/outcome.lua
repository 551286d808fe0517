--- What the manager did, for people: a line for each action; pure. A row is {verb, name, id, more}: "created
--- shop-1a2b3c4d (071d7e38af68) 32768->80/tcp". Failures are lines of their own.

local errors = require "moontide.core.errors"
local ports_text = require "moontide.cmd.ports_text"

local DONE = {create = "created", remove = "removed", start = "started", stop = "stopped"}
local SHORT_ID = 12

---@class moontide.OutcomeRow
---@field verb string
---@field name string
---@field id string? of the container
---@field more string?

--- A row about a container.
---@param verb string
---@param item table {container_id, name, ports}
---@return moontide.OutcomeRow
local function row(verb, item)
  return {
    verb = verb, name = item.name or "?", id = item.container_id and item.container_id:sub(1, SHORT_ID),
    more = item.ports and ports_text(item.ports) or "",
  }
end

--- Rows as aligned lines; what could drive a terminal is escaped.
---@param rows moontide.OutcomeRow[]
---@return string lines each ended by a line feed
local function lines(rows)
  local verb, name = 0, 0
  for _, item in ipairs(rows) do
    item.name = errors.escape(item.name)
    verb = math.max(verb, #item.verb)
    if item.id then name = math.max(name, utf8.len(item.name)) end
  end
  local out = {}
  for i, item in ipairs(rows) do
    local text = item.verb .. (" "):rep(verb - #item.verb + 1) .. item.name
    if item.id then
      local blanks = (" "):rep(name - utf8.len(item.name))
      text = ("%s%s (%s) %s"):format(text, blanks, item.id, errors.escape(item.more or ""))
    elseif item.more then
      text = ("%s: %s"):format(text, errors.escape(item.more))
    end
    out[i] = text:gsub(" +$", "") .. "\n"
  end
  return table.concat(out)
end

local function running(list)
  local count = 0
  for _, summary in ipairs(list) do count = count + (summary.status == "running" and 1 or 0) end
  return count
end

local function range_text(desired)
  if desired.min_replicas == desired.max_replicas then return tostring(desired.min_replicas) end
  return ("%d to %d"):format(desired.min_replicas, desired.max_replicas)
end

local function kept_text(result)
  local wished, count = range_text(result.desired), running(result.current)
  if not result.ok then return ("%d running (wished: %s)"):format(count, wished) end
  local what = "running"
  if count == 0 and #result.current > 0 then count, what = #result.current, "stopped" end
  return ("%d %s, as wished (%s)"):format(count, what, wished)
end

--- What reconcile and scale did to an image.
---@param op string "scale"
---@param result table as m:reconcile returns it
---@param patient boolean? what is not there yet is no failure
---@return moontide.OutcomeRow[] rows
---@return string[] failures
local function of_reconcile(op, result, patient)
  local rows, failures = {}, {}
  for _, action in ipairs(result.actions) do
    if action.ok then
      rows[#rows + 1] = row(DONE[action.action], action.details or action)
    else
      local about = action.name and "container " .. action.name or result.image
      failures[#failures + 1] = ("%s %s: %s: %s"):format(op, about, action.action, action.error or "it failed")
    end
  end
  if not result.ok and #failures == 0 and not patient then
    failures[1] = ("%s %s: %s"):format(op, result.image, result.error or "it failed")
  elseif #result.actions == 0 then
    rows[1] = {verb = "kept", name = result.image, more = kept_text(result)}
  end
  return rows, failures
end

--- The steps that would be taken.
---@param steps {action: string, image: string?, container_id: string?, name: string?, reason: string?}[]
---@return string lines
local function of_plan(steps)
  if #steps == 0 then return "nothing to do\n" end
  local rows = {}
  for i, step in ipairs(steps) do
    rows[i] = {verb = "would " .. step.action, name = step.name or step.image, more = step.reason}
  end
  return lines(rows)
end

return {row = row, lines = lines, of_reconcile = of_reconcile, of_plan = of_plan}
