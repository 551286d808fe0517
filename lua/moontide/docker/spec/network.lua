--- What network_create and network_connect are asked for, as the engine takes it; pure.

local address = require "moontide.docker.spec.address"
local check = require "moontide.core.check"
local fields = require "moontide.docker.spec.fields"
local show = require "moontide.core.show"
local values = require "moontide.docker.spec.values"

local function family(ip) return address.is_ipv4(ip) and 4 or address.is_ipv6(ip) and 6 or nil end

-- The address family of "10.1.0.0/24" or "fd00:1::/64"; nil when it is no subnet.
local function subnet_family(text)
  local ip, bits = text:match("^(.*)/(%d%d?%d?)$")
  local version = ip and family(ip)
  if version and tonumber(bits) <= (version == 4 and 32 or 128) then return version end
  return nil
end

-- One text or a list of texts, one for each address family: {[4] = text, [6] = text}.
local function by_family(op, option, value, read, form)
  local result = {}
  for _, text in ipairs(type(value) == "table" and value or {value}) do
    local version = type(text) == "string" and read(text)
    if not version then check.refuse(op, option, "must be like %s, got %s", form, show.value(text)) end
    if result[version] then check.refuse(op, option, "has two of IPv%d; a network has one of a kind", version) end
    result[version] = text
  end
  if not next(result) then check.refuse(op, option, "must be like %s", form) end
  return result
end

local function pools(op, given)
  if not given.subnet then
    if given.gateway then check.refuse(op, "gateway", "needs a subnet; give subnet, too") end
    return nil
  end
  local subnets = by_family(op, "subnet", given.subnet, subnet_family, '"10.1.0.0/24"')
  local gateways = given.gateway and by_family(op, "gateway", given.gateway, family, '"10.1.0.1"') or {}
  local config = values.list()
  for _, version in ipairs {4, 6} do
    if gateways[version] and not subnets[version] then
      check.refuse(op, "gateway", "is of IPv%d, and there is no such subnet", version)
    end
    if subnets[version] then config[#config + 1] = {Subnet = subnets[version], Gateway = gateways[version]} end
  end
  if subnets[6] and not given.ipv6 then check.refuse(op, "subnet", "is of IPv6; give ipv6 = true, too") end
  return {Driver = "default", Config = config}
end

--- The body of POST /networks/create.
---@param op string
---@param given table checked options of network_create
---@return table body
local function create(op, given)
  return {
    Name = fields.name(op, "name", given.name), Driver = given.driver or "bridge",
    CheckDuplicate = true, -- below API 1.44 names are not unique without it
    Internal = given.internal, Attachable = given.attachable, EnableIPv6 = given.ipv6,
    Labels = given.labels and fields.labels(op, "labels", given.labels),
    Options = given.options and values.texts(op, "options", given.options),
    IPAM = pools(op, given),
  }
end

local function host_names(op, option, value)
  local names, count = values.list(), 0
  for _ in next, value do count = count + 1 end
  for i, name in ipairs(value) do
    local known = type(name) == "string" and name:find("^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$")
    if not known then check.refuse(op, option, "must be a list of host names, got %s", show.value(name)) end
    names[i] = name
  end
  if count == 0 or count ~= #names then check.refuse(op, option, "must be a list of host names") end
  return names
end

--- The EndpointConfig of POST /networks/{id}/connect; nil: nothing of it is asked for.
---@param op string
---@param given {aliases: string[]?, ip: string?}
---@return table? endpoint
local function endpoint(op, given)
  local aliases = given.aliases and host_names(op, "aliases", given.aliases)
  local version = given.ip and family(given.ip)
  if given.ip and not version then check.refuse(op, "ip", "must be an IP address, got %s", show.value(given.ip)) end
  if not aliases and not version then return nil end
  return {Aliases = aliases, IPAMConfig = version and {["IPv" .. version .. "Address"] = given.ip}}
end

return {create = create, endpoint = endpoint}
