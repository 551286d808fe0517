--- Networks of the engine: rows of data, but for what engines do not promise: that a name is there once,
--- and what "already connected" means.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local filters = require "moontide.docker.filters"
local holder = require "moontide.docker.holder"
local made = require "moontide.docker.made"
local spec = require "moontide.docker.spec.network"

local NETWORK, ID = {"network", check.id}, {"id", check.id}

local function networks_query(op, given)
  local map = {label = given.label and filters.label_filters(op, given.label)}
  if given.name then map.name = filters.name_pattern(check.id(op, "name", given.name)) end
  return {query = filters.query(map)}
end

local function exactly(list, given)
  list = filters.labelled(list, given.label)
  return given.name and filters.exactly(list, "Name", given.name) or list
end

local function of_name(engine, op, name)
  local list, err = engine:call {op = op, row = "networks", query = filters.query {name = filters.name_pattern(name)}}
  if not list then return nil, err end
  return filters.exactly(list, "Name", name)
end

local function taken(op, network)
  return nil, errors.new("conflict", op, ('network "%s": the name is already in use by network %s; '
    .. "remove that one or choose another name"):format(network.Name, network.Id:sub(1, 12)), {next = "relist"})
end

local function other_than(list, id, preferred)
  local other
  for _, network in ipairs(list) do
    if network.Id == preferred then return network end
    if network.Id ~= id then other = other or network end
  end
  return other
end

-- Two that look at once both find the name free, and below API 1.44 both may get it. Who then sees the other one
-- asks whose it is, and gives its own up unless that is the answer: rather nobody's than twice.
local function settle(engine, op, name, id)
  local list, err = of_name(engine, op, name)
  if not list then return nil, err end
  if not other_than(list, id) then return true end
  local first = holder.find(engine, op, name, id)
  if first == id then return true end
  return taken(op, other_than(list, id, first))
end

local function keep_alone(engine, op, name, id)
  local function remove() engine:call {op = op, row = "network_remove", object = id} end
  local guard <close> = made.unless_done(remove)
  local alone, err = settle(engine, op, name, id)
  guard.done = true
  if alone then return id end
  remove()
  return nil, err
end

local CREATE = {
  name = "string", driver = "string", internal = "boolean", attachable = "boolean", labels = "table",
  subnet = "string|table", gateway = "string|table", ipv6 = "boolean", options = "table",
}

--- docker.network_create{name=, driver="bridge", ...} -> id
local function network_create(connection)
  local op = "docker.network_create"
  return function(options)
    local given = check.options(op, options, CREATE, {required = {"name"}})
    local body = spec.create(op, given)
    local engine, err = connection()
    if not engine then return nil, err end
    local there, created
    there, err = of_name(engine, op, given.name)
    if not there then return nil, err end
    if there[1] then return taken(op, there[1]) end
    created, err = engine:call {op = op, row = "network_create", object = given.name, body = body}
    if not created then return nil, err end
    return keep_alone(engine, op, given.name, created.Id)
  end
end

local function contains(list, wanted)
  local set = {}
  for _, item in ipairs(list or {}) do set[item] = true end
  for _, item in ipairs(wanted or {}) do
    if not set[item] then return false end
  end
  return true
end

-- Whether the container is in the network in just that way.
local function is_connected(engine, op, network, id, given)
  local found = engine:call {op = op, row = "inspect", object = id}
  local joined = found and found.NetworkSettings and found.NetworkSettings.Networks or {}
  for name, endpoint in pairs(joined) do
    if name == network or (endpoint.NetworkID or ""):find(network, 1, true) == 1 then
      local own = endpoint.IPAMConfig or {}
      return contains(endpoint.Aliases, given.aliases)
        and (not given.ip or given.ip == own.IPv4Address or given.ip == own.IPv6Address)
    end
  end
  return false
end

--- docker.network_connect(network, id, {aliases=, ip=}) -> true, also when it was so already
local function network_connect(connection)
  local op, options_of = "docker.network_connect", {aliases = "table", ip = "string"}
  return function(network, id, options)
    check.id(op, "network", network)
    check.id(op, "id", id)
    local given = check.options(op, options, options_of)
    local body = {Container = id, EndpointConfig = spec.endpoint(op, given)}
    local engine, err = connection()
    if not engine then return nil, err end
    local connected
    connected, err = engine:call {op = op, row = "network_connect", object = network, body = body}
    if connected then return true end
    if err.kind == "conflict" and is_connected(engine, op, network, id, given) then return true end
    return nil, err
  end
end

return {
  networks = {options = {label = "table", name = "string"}, send = networks_query, take = exactly},
  network = {arguments = {NETWORK}},
  network_create = network_create,
  network_remove = {arguments = {NETWORK}},
  network_connect = network_connect,
  network_disconnect = {
    arguments = {NETWORK, ID}, options = {force = "boolean"},
    send = function(_, given, _, id) return {body = {Container = id, Force = given.force or false}} end,
  },
}
