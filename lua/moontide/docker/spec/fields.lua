--- Readers of options of a spec that stand for themselves: (op, option, value) -> what the engine
--- takes. They raise what a caller got wrong; pure.

local address = require "moontide.docker.spec.address"
local check = require "moontide.core.check"
local images = require "moontide.docker.spec.image"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local signals = require "moontide.docker.spec.signal"
local values = require "moontide.docker.spec.values"

local RESTARTS = {"no", "always", "unless-stopped", "on-failure"}
local HOST_GATEWAY = "host-gateway" -- the engine puts its own address there

local function is_name(text) return text:find("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$") ~= nil end

-- What is wrong with a name that is to be given to something.
local function name_fault(value)
  if #value >= 2 and #value <= 255 and is_name(value) then return nil end
  return ('must be 2 to 255 letters, digits, "_", ".", "-", the first a letter or digit, got %s'):format(
    show.value(value))
end

local function name(op, option, value)
  local why = name_fault(value)
  if why then check.refuse(op, option, "%s", why) end
  return value
end

-- The same for an argument.
local function name_argument(op, argument, value)
  local why = name_fault(check.string(op, argument, value))
  if why then check.fail(op, 'argument "%s" %s', argument, why) end
  return value
end

local function image(op, option, value)
  local why = images.fault(value)
  if why then check.refuse(op, option, "is a bad image reference: %s, got %s", why, show.value(value)) end
  return value
end

local function labels(op, option, value)
  local map = {}
  for key, item in ordered.pairs(value) do
    if type(key) ~= "string" or key == "" then
      check.refuse(op, option, 'must be {name = "value", ...}, got %s as a name', show.value(key))
    end
    if type(item) ~= "string" then
      check.refuse(op, option, 'must have a string for "%s", got %s', show.short(key), show.value(item, key))
    end
    map[key] = item
  end
  return map
end

local function host_entry(op, option, host, ip)
  if not host:find("^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$") then
    check.refuse(op, option, 'has the bad host name "%s"', show.short(host))
  end
  if type(ip) ~= "string" or ip ~= HOST_GATEWAY and not address.is_ip(ip) then
    check.refuse(op, option, 'must have an IP address or "%s" for "%s", got %s', HOST_GATEWAY, show.short(host),
      show.value(ip))
  end
  return host .. ":" .. ip
end

local function extra_hosts(op, option, value)
  local list = values.list()
  for key, item in ordered.pairs(value) do
    local host, ip = key, item
    if type(key) ~= "string" then
      host, ip = tostring(values.text_of(item)):match("^([^:]*):(.*)$")
      if not host then check.refuse(op, option, 'must be like "name:192.0.2.1", got %s', show.value(item)) end
    end
    list[#list + 1] = host_entry(op, option, host, ip)
  end
  return list
end

local function log(op, option, value)
  local schema, rules = {driver = "string", options = "table"}, {required = {"driver"}, path = option}
  local given = check.options(op, value, schema, rules)
  if not is_name(given.driver) then
    check.refuse(op, option .. ".driver", "is no name, got %s", show.value(given.driver))
  end
  return {Type = given.driver, Config = values.texts(op, option .. ".options", given.options or {})}
end

local function restart(op, option, value)
  local retries = value:match("^on%-failure:(%d+)$")
  if retries and math.tointeger(tonumber(retries)) then
    return {Name = "on-failure", MaximumRetryCount = math.tointeger(tonumber(retries))}
  end
  for _, known in ipairs(RESTARTS) do
    if value == known then return {Name = value} end
  end
  local nearest = near.nearest(value, RESTARTS)
  check.refuse(op, option, 'must be "no", "always", "unless-stopped", "on-failure" or "on-failure:3", got %s%s',
    show.value(value), nearest and near.hint(value, RESTARTS) or "")
end

local function signal(op, option, value)
  local known, why = signals.read(value)
  if not known then check.refuse(op, option, "%s, got %s", why, show.value(value)) end
  return known
end

-- The engine counts whole seconds; less time than asked would be the worse error.
local function whole_seconds(_, _, value) return math.ceil(value) end

return {
  name = name, name_argument = name_argument, image = image, labels = labels, extra_hosts = extra_hosts,
  log = log, restart = restart, signal = signal, whole_seconds = whole_seconds,
}
