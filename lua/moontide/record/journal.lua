--- Writing and reading the state file: wishes, names, the journal.

local hooks = require "moontide.record.hooks"
local json = require "moontide.c.json"
local lock = require "moontide.record.lock"
local redact = require "moontide.record.redact"
local rows = require "moontide.record.rows"
local state = require "moontide.record.state"
local task = require "moontide.c.task"

local WRITE_TIMEOUT = 10 -- s that a single write waits for another process

-- One change, all or nothing, on the disk when this returns; then the hooks hear of the fact.
local function write(op, change, ev)
  local held <close>, err = lock.take(op, task.monotonic() + WRITE_TIMEOUT)
  if not held then return nil, err end
  if ev then change.fact = rows.of_fact(ev, task.now()) end
  local done
  change.op = op
  done, err = held.store:write(change)
  if not done then return nil, err end
  return true
end

local function put(op, change, ev)
  local done, err = write(op, change, ev)
  if not done then return nil, err end
  if ev then hooks.tell(ev) end
  return true
end

--- See record.fact. What happened has happened: the hooks hear of it also when it cannot be written.
---@param ev table
---@return true?
---@return moontide.Error?
local function fact(ev)
  local done, err = write("record.fact", {}, ev)
  hooks.tell(ev)
  if not done then return nil, err end
  return true
end

---@param engine string
---@param image string
---@param wish table? nil: forgotten
---@param ev table? a fact to write with it
---@return true?
---@return moontide.Error?
local function put_wish(engine, image, wish, ev)
  redact.learn(wish)
  return put("record.put_wish", {wish = {engine = engine, image = image, record = wish and json.encode(wish)}}, ev)
end

---@param slot moontide.record.Slot container_id nil: the name is given up
---@param ev table? a fact to write with it
---@return true?
---@return moontide.Error?
local function put_slot(slot, ev)
  return put("record.put_slot", {slot = rows.of_slot(slot, task.now())}, ev)
end

-- {} when there is no state file.
local function read(op, of, query)
  local store, err = state.to_read(op)
  if not store then
    if err then return nil, err end
    return {}
  end
  query.op = op
  local found
  found, err = store:read(of, query)
  if not found then
    state.forget(store)
    return nil, err
  end
  return found
end

local function read_wishes(op, engine, image)
  local found, err = read(op, "wishes", {engine = engine, image = image})
  if not found then return nil, err end
  local wishes = {}
  for _, row in ipairs(found) do
    local wish
    wish, err = json.decode(row.record)
    if not wish then return nil, err end
    redact.learn(wish)
    wishes[row.image] = wish
  end
  return wishes
end

---@param engine string
---@param image string
---@return table? wish nil without err: there is none
---@return moontide.Error?
local function wish(engine, image)
  local found, err = read_wishes("record.wish", engine, image)
  if not found then return nil, err end
  return found[image]
end

---@param engine string
---@return table<string, table>? wishes by image
---@return moontide.Error?
local function wishes(engine) return read_wishes("record.wishes", engine) end

---@param engine string
---@param image string?
---@return moontide.record.Slot[]?
---@return moontide.Error?
local function slots(engine, image)
  local found, err = read("record.slots", "slots", {engine = engine, image = image})
  if not found then return nil, err end
  local list = json.array {}
  for i, row in ipairs(found) do list[i] = rows.to_slot(row) end
  return list
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

--- See record.history. The file finds its targets a little too generously: what it gives is looked through, and when
--- too little is left it is asked for more.
---@param options {target: string?, since: number?, limit: integer?}
---@return moontide.HistoryEntry[]?
---@return moontide.Error?
local function history(options)
  local limit, target = options.limit, options.target
  local asked = limit
  while true do
    local found, err = read("record.history", "facts", {
      image = target, since = options.since and rows.ns(options.since), limit = asked,
    })
    if not found then return nil, err end
    local list = entries(found, target)
    if not limit or #list >= limit or #found < asked then return last(list, limit) end
    asked = asked * 4
  end
end

return {
  fact = fact, put_wish = put_wish, put_slot = put_slot, wish = wish, wishes = wishes, slots = slots,
  history = history,
}
