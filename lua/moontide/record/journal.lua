--- The journal: what happened, to what, and why.

local file = require "moontide.record.file"
local hooks = require "moontide.record.hooks"
local json = require "moontide.c.json"
local rows = require "moontide.record.rows"

--- Tells of what happened: the journal, without secrets, and when that is on the disk the hooks. What happened has
--- happened: they hear of it also when it cannot be written.
---@param ev table {event=, time=, engine=, service=, image=, container_id=, name=, status=, ports=, reason=, data=,
---  intent=}, of which only `event` is needed. intent: it is about to be done: no hook hears of that.
---@return true?
---@return moontide.Error? err of kind "conflict": another process holds the state file; else what the disk has
local function fact(ev)
  local done, err = file.write("record.fact", {}, ev)
  hooks.tell(ev)
  if not done then return nil, err end
  return true
end

-- Those of the rows that are about the target.
local function entries(found, target)
  local list = json.array {}
  for _, row in ipairs(found) do
    local entry = rows.to_entry(row)
    if not target or rows.is_about(entry, target) then list[#list + 1] = entry end
  end
  return list
end

local function last(list, limit)
  if not limit or #list <= limit then return list end
  return json.array(table.move(list, #list - limit + 1, #list, 1, {}))
end

---@class moontide.HistoryEntry
---@field seq integer numbers grow and are never used again
---@field time number Unix time
---@field kind string "create", "scale", ...
---@field engine string
---@field target string the container's name, else its id, else the image
---@field image string?
---@field name string?
---@field container_id string?
---@field reason string?
---@field service string?
---@field status string?
---@field ports table?
---@field intent true? it was only about to be done
---@field data table?

--- What happened, oldest first; nothing when there is no state file. The file finds its targets a little too
--- generously: what it gives is looked through, and when too little is left it is asked for more.
---@param options {target: string?, since: number?, limit: integer?}? target: a part of an image or of a container's
---  name, or the beginning of its id; since: Unix time; limit: the newest so many
---@return moontide.HistoryEntry[]?
---@return moontide.Error?
local function history(options)
  options = options or {}
  local limit, target = options.limit, options.target
  local asked = limit
  while true do
    local found, err = file.read("record.history", "facts", {
      image = target, since = options.since and rows.ns(options.since), limit = asked,
    })
    if not found then return nil, err end
    local list = entries(found, target)
    if not limit or #list >= limit or #found < asked then return last(list, limit) end
    asked = asked * 4
  end
end

return {fact = fact, history = history}
