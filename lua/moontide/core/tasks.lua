--- Tasks in groups. A group is a scope: it closes when its block is left, however that happens, and
--- what then still runs is cancelled.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local task = require "moontide.c.task"
local units = require "moontide.core.units"

local function each_function(op, fns)
  if type(fns) ~= "table" then check.fail(op, "expects a table of functions, got %s", type(fns)) end
  for i = 1, #fns do -- not ipairs, which ends at a hole
    if type(fns[i]) ~= "function" then check.fail(op, "item %d must be a function, got %s", i, type(fns[i])) end
  end
end

local function seconds(op, name, value)
  local result = units.duration(value)
  if not result then check.fail(op, 'argument "%s" must be a duration (seconds, or "250ms", "5m")', name) end
  return result
end

local function check_function(op, fn)
  if type(fn) ~= "function" then check.fail(op, "expects a function, got %s", type(fn)) end
end

-- The results of an ended member; its error is raised here, at the caller.
local function take(member)
  local outcome = table.pack(member:join())
  if not outcome[1] then member:raise() end
  return outcome
end

--- Runs fn(...) as a task beside the caller.
---@param fn function
---@return moontide.Task task `task:join()` waits -> true, results or false, err; `task:cancel()`
local function spawn(fn, ...)
  check_function("mt.spawn", fn)
  return task.spawn(fn, ...)
end

--- Waits, and lets other tasks run.
---@param duration number|string seconds, or "250ms", "5m"; default 0: only lets the others run
local function sleep(duration)
  return task.sleep(seconds("mt.sleep", "duration", duration or 0))
end

--- fn(item, index) for each item, at most `limit` at once. An error that is raised cancels the
--- others and is raised here; `nil, err` is a value.
---@param list any[]
---@param fn fun(item: any, index: integer): any, any
---@param options {limit: integer?}? default: all at once
---@return any[] results the first result of each, by index
---@return any[] seconds the second result of each (the err of `nil, err`), by index
local function map(list, fn, options)
  local limit = check.options("mt.map", options, {limit = "integer"}).limit or math.huge
  if type(list) ~= "table" then check.fail("mt.map", "expects a list, got %s", type(list)) end
  check_function("mt.map", fn)
  if limit < 1 then check.fail("mt.map", 'option "limit" must be at least 1, got %d', limit) end
  local group <close> = task.group()
  local index_of, results, others, started, count = {}, {}, {}, 0, #list
  local function start()
    started = started + 1
    index_of[group:spawn(fn, list[started], started)] = started
  end
  while started < count and started < limit do start() end
  for member in function() return group:next() end do
    local outcome, index = take(member), index_of[member]
    results[index], others[index] = outcome[2], outcome[3]
    if started < count then start() end
  end
  return results, others
end

--- Runs all functions at once.
---@param fns function[]
---@return any[] results the first result of each, by index
---@return any[] seconds the second result of each (the err of `nil, err`), by index
local function all(fns)
  each_function("mt.all", fns)
  return map(fns, function(fn) return fn() end)
end

--- Runs all functions at once; the first to end wins, the others are cancelled.
---@param fns function[]
---@return any ... the winner's results
local function race(fns)
  each_function("mt.race", fns)
  if #fns == 0 then check.fail("mt.race", "expects at least one function") end
  local group <close> = task.group()
  for _, fn in ipairs(fns) do group:spawn(fn) end
  local outcome = take(group:next())
  return table.unpack(outcome, 2, outcome.n)
end

--- Runs fn(...), cancelled when it has not ended in time.
---@param duration number|string seconds, or "250ms", "5m"
---@param fn function
---@return any ... its results; or nil, err of kind timeout
local function timeout(duration, fn, ...)
  local limit = seconds("mt.timeout", "duration", duration)
  check_function("mt.timeout", fn)
  local group <close> = task.group()
  local work = group:spawn(fn, ...)
  group:spawn(task.sleep, limit)
  local first = group:next()
  local outcome = take(first)
  if first ~= work then
    return errors.fail("mt.timeout", "timeout", "not done within %s", units.duration_text(limit))
  end
  return table.unpack(outcome, 2, outcome.n)
end

---@class moontide.Timer
local Timer = {}
Timer.__index = Timer

--- No further call; one that runs now ends by itself.
function Timer:stop()
  self.stopped = true
  if not self.calling then self.task:cancel() end
end

local function call(timer, fn)
  timer.calling = true
  fn()
  timer.calling = false
end

--- Calls fn() once, later.
---@param duration number|string
---@param fn function
---@return moontide.Timer timer `timer:stop()`
local function after(duration, fn)
  local delay = seconds("mt.after", "duration", duration)
  check_function("mt.after", fn)
  local timer = setmetatable({}, Timer)
  timer.task = task.spawn(function()
    task.sleep(delay)
    call(timer, fn)
  end)
  return timer
end

--- Calls fn() again and again, the first time after one interval. A call that takes longer than the
--- interval lets the calls that it missed fall out. An error that fn raises stops the timer.
---@param duration number|string at least 1 ms
---@param fn function
---@return moontide.Timer timer `timer:stop()`
local function every(duration, fn)
  local interval = seconds("mt.every", "duration", duration)
  check_function("mt.every", fn)
  if interval < 0.001 then check.fail("mt.every", "the interval must be at least 1ms") end
  local timer = setmetatable({}, Timer)
  timer.task = task.spawn(function()
    local due = task.monotonic()
    repeat
      local now = task.monotonic()
      due = due + interval * math.max(1, math.ceil((now - due) / interval))
      task.sleep(math.max(0, due - now))
      call(timer, fn)
    until timer.stopped
  end)
  return timer
end

return {
  spawn = spawn, sleep = sleep, all = all, map = map, race = race, timeout = timeout,
  after = after, every = every, now = task.now, monotonic = task.monotonic,
}
