--- create and run: conversations of more than one request. What a failed one made is removed again,
--- also when its task is cancelled in the middle of it.

local errors = require "moontide.core.errors"
local log = require "moontide.core.log"
local ordered = require "moontide.core.ordered"
local spec = require "moontide.docker.spec"
local task = require "moontide.c.task"

local function force_remove(engine, op, id)
  return engine:call {op = op, row = "remove", object = id, query = {"force", true, "v", true}}
end

-- Left without `done`, by an error or because the task is cancelled, it runs `undo` as a task of its
-- own: a closer cannot wait.
local function unless_done(undo)
  return setmetatable({done = false}, {
    __close = function(guard)
      if not guard.done then task.spawn(undo) end
    end,
  })
end

local function remove_later(engine, op, id)
  local removed, err = force_remove(engine, op, id)
  if not removed then
    log.warn("%s: the container %s of a cancelled call could not be removed: %s", op, id:sub(1, 12), err.message)
  end
end

-- Removes at once, so that a failed run leaves nothing when it returns.
local function give_up(engine, op, guard, id, err)
  local removed, why = force_remove(engine, op, id)
  guard.done = true
  if not removed then
    err.message = ("%s; and the container %s that was made for it could not be removed: %s"):format(
      err.message, id:sub(1, 12), why.message)
  end
  return nil, err
end

-- Whether an inspected container is what `body` asked for, and nobody has started it yet.
local function is_fresh(found, body)
  local config, state = found.Config or {}, found.State or {}
  if state.Status ~= "created" or config.Image ~= body.Image then return false end
  for key, value in ordered.pairs(body.Labels or {}) do
    if (config.Labels or {})[key] ~= value then return false end
  end
  return true
end

-- A create whose reply was lost may have created: its name tells, and it is never created again.
local function find_lost(engine, op, name, body, err)
  if err.next ~= "relist" or err.kind == "conflict" then return nil, err end
  local found = engine:call {op = op, row = "inspect", object = name}
  if not found or not is_fresh(found, body) then return nil, err end
  return found.Id
end

local function connect_networks(engine, op, id, networks)
  for _, network in ipairs(networks) do
    local status, reply = engine:call {
      op = op, row = "request", method = "POST", path = ("/networks/%s/connect"):format(network),
      body = {Container = id},
    }
    if not status then return nil, reply end
    if status >= 300 then
      local why = type(reply) == "table" and reply.message or tostring(reply)
      return errors.fail(op, status == 404 and "not_found" or "engine",
        'cannot connect the container to network "%s": %s; create that network or change networks=', network, why)
    end
  end
  return true
end

-- The id. The engine goes on creating when nobody listens any more: the call is not cancelled with
-- its task, so that what it makes can be removed.
local function create_container(engine, op, name, known_as, body)
  local pending = engine:start {op = op, row = "create", object = known_as, query = {"name", name}, body = body}
  local function settle()
    local created, err = pending:wait()
    if created then return created.Id end
    return find_lost(engine, op, name, body, err)
  end
  local guard <close> = unless_done(function()
    local id = settle()
    if id then remove_later(engine, op, id) end
  end)
  local id, err = settle()
  guard.done = true
  return id, err
end

-- A name of our own when none is given: only by its name can a create whose reply was lost be found.
local function choose_name(image)
  local base = image:gsub("@.*$", ""):gsub("^.*/", ""):gsub(":.*$", ""):gsub("[^%w_.-]", "-")
  local source <close> = assert(io.open("/dev/urandom", "rb")) -- Lua's seed can be the same in two processes
  return ("%s-%08x"):format(base, (string.unpack("I4", source:read(4))))
end

local podman = setmetatable({}, {__mode = "k"}) -- engine -> whether it is one

-- Podman 4 forwards what is published on 0.0.0.0 for packets to that very address, so never; there "" is
-- what Docker calls 0.0.0.0.
local function suit_ports(engine, op, given, body)
  local raw = given.host_config and given.host_config.PortBindings -- not ours to change
  for _, bindings in pairs(not raw and body.HostConfig.PortBindings or {}) do
    for _, binding in ipairs(bindings) do
      if binding.HostIp == "0.0.0.0" and podman[engine] == nil then
        local pong, err = engine:call {op = op, row = "ping"}
        if not pong then return nil, err end
        podman[engine] = (pong.Server or ""):find("^Libpod") ~= nil
      end
      if binding.HostIp == "0.0.0.0" and podman[engine] then binding.HostIp = "" end
    end
  end
  return true
end

-- The id, the engine, and what people call it.
local function make(connection, op, given)
  local name, body, networks = spec.compile(op, given)
  local known_as = name -- nobody knows the one that is made up here
  name = name or choose_name(body.Image)
  local engine, err = connection()
  if not engine then return nil, err end
  local suited, id
  suited, err = suit_ports(engine, op, given, body)
  if not suited then return nil, err end
  id, err = create_container(engine, op, name, known_as, body)
  if not id then return nil, err end
  local guard <close> = unless_done(function() remove_later(engine, op, id) end)
  local connected
  connected, err = connect_networks(engine, op, id, networks)
  if not connected then return give_up(engine, op, guard, id, err) end
  guard.done = true
  return id, engine, name
end

--- docker.create(spec) -> id
---@param connection fun(): userdata?, moontide.Error?
local function create(connection)
  return function(given)
    local id, err = make(connection, "docker.create", given)
    if not id then return nil, err end
    return id
  end
end

--- docker.run(spec) -> summary. resources.status = "stopped" leaves it created.
---@param connection fun(): userdata?, moontide.Error?
local function run(connection)
  local op = "docker.run"
  return function(given)
    local id, engine, known_as = make(connection, op, given)
    if not id then return nil, engine end
    local guard <close> = unless_done(function() remove_later(engine, op, id) end)
    if not (given.resources and given.resources.status == "stopped") then
      local started, err = engine:call {op = op, row = "start", object = known_as}
      if not started then return give_up(engine, op, guard, id, err) end
    end
    local summary, err = engine:call {op = op, row = "inspect", object = id, as = "summary"}
    if not summary then return give_up(engine, op, guard, id, err) end
    guard.done = true
    return summary
  end
end

return {create = create, run = run}
