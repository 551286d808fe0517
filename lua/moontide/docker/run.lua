--- create and run: conversations of more than one request. What a failed one made is removed again,
--- also when its task is cancelled in the middle of it.

local errors = require "moontide.core.errors"
local log = require "moontide.core.log"
local made = require "moontide.docker.made"
local name_for = require "moontide.docker.name"
local operation = require "moontide.docker.operation"
local ranges = require "moontide.docker.ranges"
local spec = require "moontide.docker.spec"

-- What is needed for the one container of a call.
---@class moontide.Making
---@field op string
---@field engine userdata
---@field name string
---@field known_as string? what people call it: nobody knows the name that is made up here
---@field body table of POST /containers/create
---@field networks string[] to be connected between create and start
---@field pull "missing"|"always"|"never"
---@field ranges moontide.PortRange[]

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

local function is_there(making)
  return making.engine:call {op = making.op, row = "image", object = making.body.Image} ~= nil
end

local function pull(making)
  local pulled, err = require("moontide.docker.pull").image(making.engine, making.op, making.body.Image)
  if pulled then return true end
  err.message = "the image cannot be pulled: " .. err.message
  return nil, err
end

-- Before the create. A registry that does not answer is no reason not to run what is there.
local function pull_always(making)
  local pulled, err = pull(making)
  if pulled then return true end
  if not is_there(making) then return nil, err end
  log.warn("%s: %s; the one that the engine has is used", making.op, err.message)
  return true
end

-- The ports that containers have now: a hint, which spares most of the tries.
local function used_ports(making)
  local used = {}
  for _, summary in ipairs(operation.ask(making.engine, {op = making.op, row = "list", as = "summaries"}) or {}) do
    for _, bindings in pairs(summary.ports) do
      for _, binding in ipairs(bindings) do used[math.tointeger(tonumber(binding.HostPort)) or 0] = true end
    end
  end
  return used
end

-- The next ports of the ranges; nil, err when there are none.
local function next_ports(making, err)
  making.used = making.used or used_ports(making)
  if ranges.advance(making.ranges, err, making.used) then return true end
  return errors.fail(making.op, "conflict", 'container "%s": no port of its range is free on the engine\'s host; '
    .. "choose another range", making.known_as or making.name)
end

-- Creates once more where that mends it: the image is pulled, or the engine takes no ranges of ports.
local function create_container(making)
  local id, err = made.create(making)
  if not id and making.pull == "missing" and err.kind == "not_found" and not is_there(making) then
    local pulled
    pulled, err = pull(making)
    if not pulled then return nil, err end
    id, err = made.create(making)
  end
  if not id and making.ranges[1] and ranges.refused(err) then
    local chosen
    chosen, err = next_ports(making)
    if not chosen then return nil, err end
    id, err = made.create(making)
  end
  return id, err
end

-- The id of a container that is ready to be started.
local function make(making)
  local id, err = create_container(making)
  if not id then return nil, err end
  local guard <close> = made.unless_done(function() made.remove_later(making, id) end)
  for _, network in ipairs(making.networks) do
    local connected
    connected, err = making.engine:call {
      op = making.op, row = "network_connect", object = network, body = {Container = id},
    }
    if not connected then
      err.message = ("cannot connect the container to %s%s"):format(err.message,
        err.kind == "not_found" and "; create that network or change networks=" or "")
      return made.give_up(making, guard, id, err)
    end
  end
  guard.done = true
  return id
end

local function start_once(making)
  local id, err = make(making)
  if not id then return nil, err end
  local guard <close> = made.unless_done(function() made.remove_later(making, id) end)
  local started
  started, err = making.engine:call {op = making.op, row = "start", object = making.known_as or id}
  if not started then return made.give_up(making, guard, id, err) end
  guard.done = true
  return id
end

-- Until a port of each range is free.
local function start(making)
  local id, err = start_once(making)
  while not id and making.ranges[1] and ranges.taken(err) do
    local chosen
    chosen, err = next_ports(making, err)
    if not chosen then return nil, err end
    id, err = start_once(making)
  end
  return id, err
end

-- Raises what is wrong with the spec; nil, err when the engine cannot be reached or the pull fails.
local function prepare(connection, op, given)
  local name, body, networks = spec.compile(op, given)
  local engine, err = connection()
  if not engine then return nil, err end
  local suited
  suited, err = suit_ports(engine, op, given, body)
  if not suited then return nil, err end
  local making = {
    op = op, engine = engine, name = name or name_for(body.Image), known_as = name, body = body,
    networks = networks, pull = given.pull or "missing", ranges = ranges.of(body),
  }
  if making.pull == "always" then
    local pulled
    pulled, err = pull_always(making)
    if not pulled then return nil, err end
  end
  return making
end

--- docker.create(spec) -> id
---@param connection fun(): userdata?, moontide.Error?
local function create(connection)
  return function(given)
    local making, err = prepare(connection, "docker.create", given)
    if not making then return nil, err end
    return make(making)
  end
end

--- docker.run(spec) -> summary. resources.status = "stopped" leaves it created.
---@param connection fun(): userdata?, moontide.Error?
local function run(connection)
  return function(given)
    local making, err = prepare(connection, "docker.run", given)
    if not making then return nil, err end
    local stopped = given.resources and given.resources.status == "stopped"
    local id
    id, err = (stopped and make or start)(making)
    if not id then return nil, err end
    local guard <close> = made.unless_done(function() made.remove_later(making, id) end)
    local summary
    summary, err = making.engine:call {op = making.op, row = "inspect", object = id, as = "summary"}
    if not summary then return made.give_up(making, guard, id, err) end
    guard.done = true
    return summary
  end
end

return {create = create, run = run}
