--- Writing to the state file and reading from it: what the journal, the wishes and the names share.

local hooks = require "moontide.record.hooks"
local lock = require "moontide.record.lock"
local rows = require "moontide.record.rows"
local state = require "moontide.record.state"
local task = require "moontide.c.task"

local WRITE_TIMEOUT = 10 -- s that a single write waits for another process

--- Writes one change, all or nothing: it is on the disk when this returns.
---@param op string
---@param change table of store:write
---@param ev table? a fact to write with it
---@return true?
---@return moontide.Error?
local function write(op, change, ev)
  local held <close>, err = lock.take(op, task.monotonic() + WRITE_TIMEOUT)
  if not held then return nil, err end
  if ev then change.fact = rows.of_fact(ev, task.now()) end
  change.op = op
  local done
  done, err = held.store:write(change)
  if not done then return nil, err end
  return true
end

--- As write; then the hooks hear of the fact.
---@param op string
---@param change table of store:write
---@param ev table? a fact to write with it
---@return true?
---@return moontide.Error?
local function put(op, change, ev)
  local done, err = write(op, change, ev)
  if not done then return nil, err end
  if ev then hooks.tell(ev) end
  return true
end

--- The rows that fit; none when there is no state file.
---@param op string
---@param of "facts"|"wishes"|"slots"
---@param query table of store:read
---@return table[]?
---@return moontide.Error?
local function read(op, of, query)
  local store, err = state.to_read(op)
  if not store then
    if err then return nil, err end
    return {}
  end
  query.op = op
  return store:read(of, query)
end

return {write = write, put = put, read = read}
