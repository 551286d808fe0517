--- The state file's lock: held while anything of this process changes what is managed, so that other processes wait.

local errors = require "moontide.core.errors"
local log = require "moontide.core.log"
local state = require "moontide.record.state"
local task = require "moontide.c.task"
local units = require "moontide.core.units"

local POLL_FIRST, POLL_MAX = 0.01, 0.05 -- s
local TELL_AFTER = 1                   -- s of waiting, then the user is told why

local told = false

local Hold = {}
Hold.__index = Hold

--- Gives it back; after the last one other processes have their turn.
function Hold:__close()
  if not self.store then return end
  local store = self.store
  self.store = nil
  if state.hold(-1) == 0 then store:unlock() end
end

local function hold(store)
  told = false
  state.hold(1)
  return setmetatable({store = store}, Hold)
end

local function who(pid)
  return pid and pid > 0 and ("process %d, another moontide"):format(pid) or "another process"
end

local function tell(store, pid)
  if told then return end
  told = true
  log.info("waiting for the state file %s: %s works with it", store:path(), who(pid))
end

--- Takes it, and waits while another process has it. The result is for a `<close>` variable.
---@param op string
---@param deadline number of the clock that never jumps
---@return table?
---@return moontide.Error? err of kind "conflict": another process did not give it back in time
local function take(op, deadline)
  local begun, pause = task.monotonic(), POLL_FIRST
  while true do
    local store, err = state.to_write(op)
    if not store then return nil, err end
    if state.hold(0) > 0 then return hold(store) end
    local locked, pid = store:lock(op)
    if locked then return hold(store) end
    if locked == nil then -- the file is gone, most likely: the next call finds out what is there now
      state.close()
      return nil, pid
    end
    local now = task.monotonic()
    if now >= deadline then
      return errors.fail(op, "conflict",
        "the state file %s is in use by %s, and was for %s: try again when that is done, or end it", store:path(),
        who(pid), units.duration_text(math.max(0, now - begun)))
    end
    if now - begun >= TELL_AFTER then tell(store, pid) end
    task.sleep(math.min(pause, deadline - now))
    pause = math.min(pause * 1.5, POLL_MAX)
  end
end

return {take = take}
