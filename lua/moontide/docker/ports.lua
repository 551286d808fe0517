--- What a spec's `ports` mean to the engine; pure.

local address = require "moontide.docker.spec.address"
local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"

local PROTOCOLS = {"tcp", "udp", "sctp"}
local RANGE = "1 to 65535"

-- An address family each: engines 20.10 to 26 may choose different numbers for IPv4 and IPv6 when
-- they are free to choose, so that "localhost" reaches a stranger's port.
local ANY_IPV4 = "0.0.0.0"

local function is_port(number) return number >= 1 and number <= 65535 end

local function check_key(op, key)
  if type(key) ~= "string" then
    check.fail(op, 'option "ports" must be {["80/tcp"] = 8080, ...}, got %s as a port', show.value(key))
  end
  local number, protocol = key:match("^(%d+)/(.*)$")
  if not number then
    if key:find("^%d+$") then check.fail(op, 'port "%s" has no protocol; write "%s/tcp"', key, key) end
    check.fail(op, 'port "%s" cannot be read; write "80/tcp"', show.short(key))
  end
  for _, known in ipairs(PROTOCOLS) do
    if protocol == known then
      if number:find("^0%d") or not is_port(tonumber(number)) then
        check.fail(op, 'port "%s" is not in the range %s', show.short(key), RANGE)
      end
      return protocol
    end
  end
  check.fail(op, 'port "%s" has an unknown protocol; valid: %s', show.short(key), table.concat(PROTOCOLS, ", "))
end

local function out_of_range(op, key, number)
  check.fail(op, 'host port %s of "%s" is not in the range %s (0: the engine chooses)', show.short(number), key, RANGE)
end

-- "8080" or "8080-8090" as the engine writes it; "" when the engine chooses.
local function host_port(op, key, text)
  if text == "" or text == "0" then return "" end
  local first, last = text:match("^(%d+)%-(%d+)$")
  first = first or text
  for _, number in ipairs {first, last} do
    if not is_port(tonumber(number)) then out_of_range(op, key, number) end
  end
  if not last then return ("%d"):format(tonumber(first)) end
  if tonumber(first) > tonumber(last) then
    check.fail(op, 'host ports "%s" of "%s" run backwards; write "%s-%s"', text, key, last, first)
  end
  return ("%d-%d"):format(tonumber(first), tonumber(last))
end

local function is_port_text(text)
  return text == "" or text:find("^%d+$") or text:find("^%d+%-%d+$")
end

-- "8080", "8080-8090", "127.0.0.1:8080" or "[::1]:8080". Returns the address ("" for any) and the port.
local function parse_text(op, key, text)
  local host, port = text:match("^(.*):([%d-]*)$")
  host, port = host or "", port or text
  if text == "" or not is_port_text(port) then
    check.fail(op, 'host port of "%s" must be like 8080, 0, "8080-8090" or "127.0.0.1:8080", got %s', key,
      show.value(text))
  end
  local bare = host:match("^%[(.*)%]$")
  if host ~= "" and not address.is_ipv4(host) and not (bare and address.is_ipv6(bare)) then
    check.fail(op, 'host address of "%s" must be an IP address, "127.0.0.1:8080" or "[::1]:8080", got %s', key,
      show.value(text))
  end
  return bare or host, host_port(op, key, port)
end

local function parse_value(op, key, value)
  local kind = type(value)
  if kind == "userdata" then return "", "" end -- mt.json.null
  if kind == "string" then return parse_text(op, key, value) end
  if kind ~= "number" then
    check.fail(op, 'host port of "%s" must be a number, a text or mt.json.null, got %s', key, show.value(value))
  end
  local number = math.tointeger(value)
  if not number or number ~= 0 and not is_port(number) then out_of_range(op, key, tostring(value)) end
  return "", number == 0 and "" or tostring(number)
end

---@class moontide.Ports
---@field exposed table<string, table> every key: an engine up to 28 ignores bindings of what is not exposed
---@field bindings table<string, {HostIp: string, HostPort: string}[]>

--- Raises when a port, an address or a range is bad, or when two ports want the same host port.
---@param op string the function as the caller knows it
---@param map table<string, integer|string|userdata>? "80/tcp" to a host port, 0 or mt.json.null (the
---  engine chooses), "8080-8090" (one of them), "127.0.0.1:8080"; default: none
---@return moontide.Ports
local function parse(op, map)
  local result, taken = {exposed = {}, bindings = {}}, {}
  if map ~= nil and type(map) ~= "table" then
    check.fail(op, 'option "ports" must be {["80/tcp"] = 8080, ...}, got %s', show.value(map))
  end
  for key, value in ordered.pairs(map or {}) do
    local protocol = check_key(op, key)
    local ip, port = parse_value(op, key, value)
    local chosen = port ~= "" and not port:find("-", 1, true)
    local place = ("%s %s %s"):format(ip, port, protocol)
    if chosen and taken[place] then
      check.fail(op, 'ports "%s" and "%s" both want host port %s', taken[place], key, port)
    end
    taken[place] = key
    result.exposed[key] = {}
    result.bindings[key] = {{HostIp = (chosen or ip ~= "") and ip or ANY_IPV4, HostPort = port}}
  end
  return result
end

return {parse = parse}
