--- The state file, open: made by whoever writes, never by whoever only reads. What cannot be opened is tried again
--- at the next call.

local log = require "moontide.core.log"
local place = require "moontide.record.place"
local store = require "moontide.c.store"
local task = require "moontide.c.task"

local BUSY_TIMEOUT, BUSY_PAUSE = 5, 0.02 -- s that another process may take to make the file

local FRESH = 1 -- s; then another file may be there: one that was put back from a copy, say

local getenv = os.getenv
local said           -- --state FILE
local writer, reader -- open stores, at most one of them
local opened_at
local holds = 0 -- of the lock
local owner     -- of the file that was open the last time

-- Another id: what was made under the first one is another's from now on.
local function compare(opened)
  local now = opened:owner()
  if owner and now ~= owner then
    log.warn("the state file %s is another one now: containers that were made with the one before are left alone",
      opened:path())
  end
  owner = now
end

local function open(op, read_only)
  local path, err = place.find(said, getenv)
  if not path then return nil, err end
  local opened
  opened, err = store.open {op = op, path = path, read_only = read_only}
  if not opened then return nil, err end
  opened_at = task.monotonic()
  local notice = opened:notice()
  if notice then log.warn("%s", notice) end
  compare(opened)
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
  if opened then
    if reader then reader:close() end
    writer, reader = opened, nil
  end
  return writer
end

--- Closes it: the next call opens it again.
local function close()
  if writer then writer:close() end
  if reader then reader:close() end
  writer, reader = nil, nil
end

--- Counts those who hold the lock: it stays open for them.
---@param change integer 1 or -1
---@return integer count
local function hold(change)
  holds = holds + change
  return holds
end

--- For reading.
---@param op string who asks, for the error
---@return userdata? nil without err: there is none
---@return moontide.Error?
local function to_read(op)
  if writer or reader then
    if holds > 0 or task.monotonic() - opened_at < FRESH then return writer or reader end
    close()
  end
  local opened, err = open(op, true)
  if not opened then return nil, err.kind ~= "not_found" and err or nil end
  reader = opened
  return reader
end

return {use = use, to_write = to_write, to_read = to_read, hold = hold, close = close}
