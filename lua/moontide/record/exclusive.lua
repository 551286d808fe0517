--- Working alone: in this process by turns, and beside other processes under the state file's lock.

local errors = require "moontide.core.errors"
local lock = require "moontide.record.lock"
local state = require "moontide.record.state"
local task = require "moontide.c.task"
local turns = require "moontide.record.turns"
local units = require "moontide.core.units"

--- Runs fn(...) alone for `key`: nobody else in this process does, in the order in which they came, and no other
--- process that uses this state file changes anything meanwhile. Cancelled or raising, it gives all that back.
---@param op string who asks, for errors
---@param key string
---@param timeout number s that it may wait
---@param fn function
---@return any ... its results; nil, err of kind "conflict" when the turn did not come in time
local function exclusive(op, key, timeout, fn, ...)
  local deadline = task.monotonic() + timeout
  local turn <close> = turns.enter(op, key)
  if not turn:wait(deadline) then
    return errors.fail(op, "conflict", "%s: another operation of this program has been busy with it for %s; try again"
      .. " when that is done", key, units.duration_text(timeout))
  end
  local held <close>, err = lock.take(op, deadline)
  if not held then return nil, err end
  return fn(...)
end

--- The state file's id, which the labels of our containers have.
---@param options {make: boolean?}? make: false: does not make a file; default true
---@return string? owner nil without err: there is no file, and it was not to be made
---@return moontide.Error?
local function owner(options)
  local make = not options or options.make ~= false
  local store, err
  if make then store, err = state.to_write("record.owner") else store, err = state.to_read("record.owner") end
  if not store then return nil, err end
  return store:owner()
end

return {exclusive = exclusive, owner = owner}
