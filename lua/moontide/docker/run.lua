--- create and run: conversations of more than one request. What a failed one made is removed again.

local errors = require "moontide.core.errors"
local spec = require "moontide.docker.spec"
local task = require "moontide.c.task"

-- After a reply that was lost, the container may exist: its name tells.
local LOST = {transport = true, timeout = true}

local function create_container(call, op, name, body)
  return call {op = op, row = "create", object = name, query = name and {"name", name}, body = body}
end

local function connect_networks(call, op, id, networks)
  for _, network in ipairs(networks) do
    local status, reply = call {
      op = op, row = "request", method = "POST", path = ("/networks/%s/connect"):format(network),
      body = {Container = id},
    }
    if not status then return nil, reply end
    if status >= 300 then
      local why = type(reply) == "table" and reply.message or tostring(reply)
      return errors.fail(op, status == 404 and "not_found" or "engine",
        'cannot connect the container to network "%s": %s', network, why)
    end
  end
  return true
end

local function force_remove(call, op, id)
  return call {op = op, row = "remove", object = id, query = {"force", true, "v", true}}
end

-- Removes the container unless `keep` was set: after an error, and when the task is cancelled, where
-- nothing can be waited for. Then a task of its own does it.
local function undo(call, op, id)
  local guard = {id = id}
  return setmetatable(guard, {
    __close = function()
      if not guard.keep then task.spawn(force_remove, call, op, guard.id) end
    end,
  })
end

-- Removes at once, so that a failed run leaves nothing when it returns.
local function give_up(call, op, guard, err)
  local removed, why = force_remove(call, op, guard.id)
  guard.keep = true
  if not removed then
    err.message = ("%s; and the container %s that was made for it could not be removed: %s"):format(
      err.message, guard.id:sub(1, 12), why.message)
  end
  return nil, err
end

-- A create whose reply was lost still creates: the name is looked up, and never created again.
local function find_lost(call, op, name, err)
  if not (name and LOST[err.kind]) then return nil, err end
  local found = call {op = op, row = "inspect", object = name}
  if not found then return nil, err end
  return {Id = found.Id}
end

local function make(call, op, given)
  local name, body, networks = spec.compile(op, given)
  local created, err = create_container(call, op, name, body)
  if not created then created, err = find_lost(call, op, name, err) end
  if not created then return nil, err end
  local guard <close> = undo(call, op, created.Id)
  local connected
  connected, err = connect_networks(call, op, created.Id, networks)
  if not connected then return give_up(call, op, guard, err) end
  guard.keep = true
  return created.Id
end

--- docker.create(spec) -> id
local function create(call)
  return function(given) return make(call, "docker.create", given) end
end

--- docker.run(spec) -> summary. resources.status = "stopped" leaves it created.
local function run(call)
  return function(given)
    local op = "docker.run"
    local id, err = make(call, op, given)
    if not id then return nil, err end
    local guard <close> = undo(call, op, id)
    if not (given.resources and given.resources.status == "stopped") then
      local started
      started, err = call {op = op, row = "start", object = id}
      if not started then return give_up(call, op, guard, err) end
    end
    local summary
    summary, err = call {op = op, row = "inspect", object = id, as = "summary"}
    if not summary then return give_up(call, op, guard, err) end
    guard.keep = true
    return summary
  end
end

return {create = create, run = run}
