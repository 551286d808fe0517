--- What is wished for each image of each engine, and which names its containers have.

local file = require "moontide.record.file"
local json = require "moontide.c.json"
local redact = require "moontide.record.redact"
local rows = require "moontide.record.rows"
local task = require "moontide.c.task"

---@class moontide.record.Slot
---@field engine string
---@field image string
---@field name string
---@field container_id string? "": not known yet
---@field state "intended"|"made"|"adopted"
---@field time number? Unix time; default: now

--- Keeps what is wished for an image.
---@param engine string
---@param image string
---@param wish table? nil: it is forgotten
---@param ev table? a fact to write with it, all or nothing
---@return true?
---@return moontide.Error?
local function put_wish(engine, image, wish, ev)
  redact.learn(wish)
  return file.put("record.put_wish", {wish = {engine = engine, image = image, record = wish and json.encode(wish)}}, ev)
end

--- Keeps a container's name, before that is made and after.
---@param slot moontide.record.Slot container_id nil: the name is given up
---@param ev table? a fact to write with it, all or nothing
---@return true?
---@return moontide.Error?
local function put_slot(slot, ev)
  return file.put("record.put_slot", {slot = rows.of_slot(slot, task.now())}, ev)
end

local function read_wishes(op, engine, image)
  local found, err = file.read(op, "wishes", {engine = engine, image = image})
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

--- What is wished for an image.
---@param engine string
---@param image string
---@return table? wish nil without err: there is none
---@return moontide.Error?
local function wish(engine, image)
  local found, err = read_wishes("record.wish", engine, image)
  if not found then return nil, err end
  return found[image]
end

--- All that is wished on an engine.
---@param engine string
---@return table<string, table>? wishes by image
---@return moontide.Error?
local function wishes(engine) return read_wishes("record.wishes", engine) end

--- The names that are taken, oldest first.
---@param engine string
---@param image string? default: of every image
---@return moontide.record.Slot[]?
---@return moontide.Error?
local function slots(engine, image)
  local found, err = file.read("record.slots", "slots", {engine = engine, image = image})
  if not found then return nil, err end
  local list = json.array {}
  for i, row in ipairs(found) do list[i] = rows.to_slot(row) end
  return list
end

return {put_slot = put_slot, put_wish = put_wish, slots = slots, wish = wish, wishes = wishes}
