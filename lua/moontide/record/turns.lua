--- Whose turn it is: one task at a time for each key, in the order in which they came.

local check = require "moontide.core.check"
local task = require "moontide.c.task"

local queues = {} -- key -> {holder = turn, waiting turns...}

---@class moontide.record.Turn
---@field state "waiting"|"mine"|"over"
local Turn = {}
Turn.__index = Turn

local function remove(queue, turn)
  for i, other in ipairs(queue) do
    if other == turn then return table.remove(queue, i) end
  end
end

local function hand_on(queue, key)
  local heir = table.remove(queue, 1)
  queue.holder = heir
  if not heir then
    queues[key] = nil
    return
  end
  heir.state = "mine"
  if heir.gate then heir.gate:cancel() end
end

--- Gives it up, or leaves the queue. Also what happens when its task is cancelled, and when it raises.
function Turn:__close()
  local queue, before = queues[self.key], self.state
  self.state = "over"
  if self.gate then self.gate:cancel() end
  if before == "mine" then
    hand_on(queue, self.key)
  elseif before == "waiting" then
    remove(queue, self)
  end
end

--- Waits for it.
---@param deadline number of the clock that never jumps
---@return boolean mine false: it did not come in time
function Turn:wait(deadline)
  if self.state == "waiting" then
    -- Its end wakes this one: by the clock, or when the turn has come.
    self.gate = task.spawn(task.sleep, math.max(0, deadline - task.monotonic()))
    self.gate:join()
  end
  return self.state == "mine"
end

--- Enters the queue; the result is for a `<close>` variable. Whoever has the key's turn already would wait for
--- itself: that raises.
---@param op string
---@param key string
---@return moontide.record.Turn
local function enter(op, key)
  local me = task.running()
  local turn = setmetatable({key = key, task = me, state = "waiting"}, Turn)
  local queue = queues[key]
  if not queue then
    turn.state, queues[key] = "mine", {holder = turn}
    return turn
  end
  if queue.holder.task == me then
    check.fail(op, "%s: this task works on it already, and would wait for itself; do it before or after, or in a task"
      .. " beside that is not waited for", key)
  end
  queue[#queue + 1] = turn
  return turn
end

return {enter = enter}
