--- Deaths, which only the engines know of: what hooks on "die" hear.

local death = require "moontide.record.death"
local exclusive = require "moontide.record.exclusive"
local iterator = require "moontide.docker.iterator"
local log = require "moontide.core.log"
local task = require "moontide.c.task"
local wishes = require "moontide.record.wishes"

local IMAGE, OWNER, SERVICE = "orchestrator.image", "moontide.owner", "moontide.service"
local FILTERS = {type = "container", event = {"die", "oom", "kill", "destroy"}, label = IMAGE}
local FOREVER = 1e9 -- s

local engines = {}  -- {docker = function table, host = text?}, in the order in which they were told of
local keepers = {}  -- of hooks: keeper -> the task that it waits for

local function is_known(docker, host)
  for _, one in ipairs(engines) do
    if one.docker == docker or host and one.host == host and host ~= "injected" then return true end
  end
  return false
end

--- Another engine whose containers' deaths are to be told of.
---@param docker moontide.Docker
---@param host string
local function add(docker, host)
  if not host and docker.host then host = docker.host() end
  if is_known(docker, host) then return end
  engines[#engines + 1] = {docker = docker, host = host}
  for _, wait in pairs(keepers) do wait:cancel() end
end

local function is_adopted(engine, event)
  local slots, err = wishes.slots(engine.host or "")
  if not slots then return nil, err end
  for _, slot in ipairs(slots) do
    if slot.state == "adopted" and slot.container_id == event.id then return true end
  end
  return false
end

-- Another state file's container is not there for us. nil, err: who can tell.
local function is_ours(engine, event)
  local owner = event.attributes[OWNER]
  if not owner then return true end
  local own, err = exclusive.owner {make = false}
  if err then return nil, err end
  if own == owner then return true end
  return is_adopted(engine, event)
end

local function ev_of(engine, event, reason, data)
  return {
    event = "die", time = event.time, engine = engine.host, service = event.attributes[SERVICE],
    image = event.attributes[IMAGE], container_id = event.id, name = event.name, status = "exited", reason = reason,
    data = data,
  }
end

local function called(engine) return engine.host or "the default engine" end

local function tell_of(engine, hook, tell, event, reason, data)
  local ours, err = is_ours(engine, event)
  if err then log.warn("mt.on: %s died (%s), and whose it is cannot be seen: %s", event.name, reason, tostring(err)) end
  if ours then tell(hook, ev_of(engine, event, reason, data)) end
end

local function hear(engine, hook, tell, events)
  local follow = death.follower()
  for event in events do
    if event.action == "gap" then
      log.warn("mt.on: deaths on %s may have been missed: %s", called(engine), event.detail)
    else
      local reason, data = follow(event)
      if reason then tell_of(engine, hook, tell, event, reason, data) end
    end
  end
end

-- Hears the engine's events from the moment on that is `begun`; the engine's clock is not ours. Returns why that ended,
-- and from when on to go on.
local function listen(engine, hook, tell, begun)
  if not engine.host and engine.docker.host then engine.host = engine.docker.host() end
  local ago = ("%dms"):format(math.ceil((task.monotonic() - begun) * 1000))
  local events <close>, err = engine.docker.events {since = ago, filters = FILTERS}
  if not events then return err, begun end
  local _, why = pcall(hear, engine, hook, tell, events)
  return why, task.monotonic()
end

-- Until the hook is stopped. An engine that is not there yet, or refuses, is tried again.
local function watch(engine, hook, tell, begun)
  if not engine.docker.events then return end
  local waited, said
  while true do
    local err, from = listen(engine, hook, tell, begun)
    local text = tostring(err)
    if err and text ~= said then log.warn("mt.on: deaths on %s cannot be heard: %s", called(engine), text) end
    if from ~= begun then waited = nil end
    said, begun = text, from
    waited = iterator.back_off(waited)
  end
end

-- One task for each engine, also for those that come later. They are this task's children and end with it.
local function keep(hook, tell, begun)
  local me, watched = task.running(), 0
  local _ <close> = setmetatable({}, {__close = function() keepers[me] = nil end})
  while true do
    while watched < #engines do
      watched = watched + 1
      task.spawn(watch, engines[watched], hook, tell, begun)
    end
    keepers[me] = task.spawn(task.sleep, FOREVER)
    keepers[me]:join()
    begun = task.monotonic()
  end
end

--- Begins to tell a hook of deaths, from now on; keeps the script alive until the hook is stopped.
---@param hook moontide.Hook
---@param tell fun(hook: moontide.Hook, ev: table)
local function start(hook, tell)
  local docker = require "moontide.docker"
  add(docker)
  hook.watcher = task.spawn(keep, hook, tell, task.monotonic())
end

return {add = add, start = start}
