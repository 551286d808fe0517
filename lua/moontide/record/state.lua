--- The state file, open: made by whoever writes, never by whoever only reads. What cannot be opened is tried again
--- at the next call.

local log = require "moontide.core.log"
local place = require "moontide.record.place"
local store = require "moontide.c.store"
local task = require "moontide.c.task"

local BUSY_TIMEOUT, BUSY_PAUSE = 5, 0.02 -- s that another process may take to make the file

local getenv = os.getenv
local said           -- --state FILE
local writer, reader -- open stores

local function open(op, read_only)
  local path, err = place.find(said, getenv)
  if not path then return nil, err end
  local opened
  opened, err = store.open {op = op, path = path, read_only = read_only}
  if not opened then return nil, err end
  local notice = opened:notice()
  if notice then log.warn("%s", notice) end
  return opened
end

--- Which file it is; before it is opened.
---@param path string?
local function use(path)
  if writer or reader then error("record.use: the state file is open already", 2) end
  said = path
end

--- For writing: it is made when there is none.
---@param op string who asks, for the error
---@return userdata?
---@return moontide.Error?
local function to_write(op)
  local deadline = task.monotonic() + BUSY_TIMEOUT
  local opened, err
  while not writer do
    opened, err = open(op, false)
    if opened then break end
    if err.kind ~= "conflict" or task.monotonic() >= deadline then return nil, err end
    task.sleep(BUSY_PAUSE)
  end
  if writer then return writer end
  if reader then reader:close() end
  writer, reader = opened, nil
  return writer
end

--- For reading.
---@param op string who asks, for the error
---@return userdata? nil without err: there is none
---@return moontide.Error?
local function to_read(op)
  if writer or reader then return writer or reader end
  local opened, err = open(op, true)
  if not opened then return nil, err.kind ~= "not_found" and err or nil end
  reader = opened
  return reader
end

--- What could not be read from: the next call opens it again, whatever file is there then.
---@param opened userdata
local function forget(opened)
  if opened ~= reader then return end
  reader = nil
  opened:close()
end

--- Closes it: the next call opens it again.
local function close()
  if writer then writer:close() end
  if reader then reader:close() end
  writer, reader = nil, nil
end

return {use = use, to_write = to_write, to_read = to_read, forget = forget, close = close}
