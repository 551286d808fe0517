--- mt.on: functions of the user's that hear what happens. Each call is a task of its own; what goes wrong in it is
--- reported and touches nobody else.

local check = require "moontide.core.check"
local log = require "moontide.core.log"
local near = require "moontide.core.near"
local task = require "moontide.c.task"

local EVENTS = {"create", "start", "stop", "die", "remove", "scale", "plan", "ready", "unready", "alert", "error"}
local MAX_PENDING = 1000 -- calls of one hook that have not ended
local MAX_DEPTH = 100

-- What a hook is told, and no more.
local FIELDS = {
  "event", "time", "engine", "service", "image", "container_id", "name", "status", "ports", "reason", "data",
}

local hooks = {} -- event -> list
for _, event in ipairs(EVENTS) do hooks[event] = {} end

---@class moontide.Hook
local Hook = {}
Hook.__index = Hook
Hook.__name = "moontide.hook"

--- No further call; one that runs now ends by itself.
function Hook:stop()
  self.stopped = true
  local list = hooks[self.event]
  for i = #list, 1, -1 do
    if list[i] == self then table.remove(list, i) end
  end
  if self.watcher then self.watcher:cancel() end
end

local function copy(value, depth)
  if type(value) ~= "table" or depth == 0 then return value end
  local twin = {}
  for key, item in next, value do twin[key] = copy(item, depth - 1) end
  return setmetatable(twin, getmetatable(value))
end

local function told(ev)
  local twin = {time = task.now()}
  for _, field in ipairs(FIELDS) do
    if ev[field] ~= nil then twin[field] = copy(ev[field], MAX_DEPTH) end
  end
  return twin
end

-- A log's message is one line.
local function report(hook, trace)
  for line in trace:gsub("\t", "  "):gmatch("[^\n]+") do
    log.error('mt.on: the hook on "%s" failed: %s', hook.event, line)
  end
end

local Call = {}
Call.__index = Call

function Call:__close() self.hook.pending = self.hook.pending - 1 end

local function call(hook, ev)
  local _ <close> = setmetatable({hook = hook}, Call)
  if hook.stopped then return end
  local running = task.spawn(hook.fn, ev)
  running:join()
  local trace = running:trace()
  if trace then report(hook, trace) end
end

local function is_full(hook)
  if hook.pending < MAX_PENDING then
    hook.warned = hook.warned and hook.pending > MAX_PENDING // 2
    return false
  end
  if not hook.warned then
    log.warn('mt.on: %d calls of the hook on "%s" (%s) have not ended: until they do, it hears of nothing more',
      MAX_PENDING, hook.event, hook.place)
  end
  hook.warned = true
  return true
end

-- A hook belongs to the task that made it, as if that had spawned it.
local function is_orphan(hook)
  local status = hook.owner and hook.owner:status()
  return status == "failed" or status == "cancelled"
end

--- Calls one hook.
---@param hook moontide.Hook
---@param ev table
local function tell_one(hook, ev)
  if is_orphan(hook) then return hook:stop() end
  if hook.stopped or is_full(hook) then return end
  hook.pending = hook.pending + 1
  task.spawn_for(hook.owner, call, hook, told(ev))
end

--- Calls the hooks on ev.event, each beside the caller, with a copy each. What was only intended is no event.
---@param ev table
local function tell(ev)
  local list = hooks[ev.event]
  if not list or #list == 0 or ev.intent then return end
  for _, hook in ipairs(table.move(list, 1, #list, 1, {})) do tell_one(hook, ev) end
end

--- mt.on.
---@param event string
---@param fn fun(ev: moontide.Event)
---@return moontide.Hook
local function on(event, fn)
  check.string("mt.on", "event", event)
  if not hooks[event] then check.fail("mt.on", 'unknown event "%s"%s', event, near.hint(event, EVENTS)) end
  if type(fn) ~= "function" then check.fail("mt.on", "expects a function, got %s", type(fn)) end
  local where = debug.getinfo(fn, "S")
  local hook = setmetatable({
    event = event, fn = fn, owner = task.running(), pending = 0,
    place = ("%s:%d"):format(where.short_src, where.linedefined),
  }, Hook)
  table.insert(hooks[event], hook)
  if event == "die" then require("moontide.record.watch").start(hook, tell_one) end
  return hook
end

return {on = on, tell = tell}
