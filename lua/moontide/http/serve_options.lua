--- What mt.http.serve is given, checked.

local check = require "moontide.core.check"
local openapi = require "moontide.http.openapi"
local ordered = require "moontide.core.ordered"
local routes = require "moontide.http.routes"
local show = require "moontide.core.show"
local units = require "moontide.core.units"
local validate = require "moontide.http.validate"

local OP = "http.serve"
local MAX_CONNECTIONS, MAX_BODY, MIN_TIMEOUT = 10000, 1 << 30, 0.05

local SCHEMA = {
  addr = "string", token = "string", hosts = "table", max_body = "number|string", max_connections = "integer",
  timeout = "duration", openapi = "table", routes = "table",
}

local ROUTE = {summary = "string", description = "string", body = "table", query = "table", params = "table"}

local OPENAPI = {title = "string", version = "string", description = "string", path = "string"}

-- "127.0.0.1:8080", ":8080", "[::1]:8080" as host and port.
local function address(addr)
  local host, port = addr:match("^%[([%x:.]+)%]:(%d+)$")
  if not host then host, port = addr:match("^([%w.]*):(%d+)$") end
  port = tonumber(port)
  if not port or port > 65535 or not (host == "" or host == "localhost" or host:find("^[%x:.]+$")) then
    check.refuse(OP, "addr", 'must be "ADDRESS:PORT" with a numeric address, as in "127.0.0.1:8080" or '
      .. '"[::1]:8080", got %s', show.value(addr))
  end
  return host == "" and "127.0.0.1" or host, port
end

local function is_loopback(host) return host == "localhost" or host == "::1" or host:find("^127%.") ~= nil end

-- Names as a Host header has them, without a port.
local function check_hosts(hosts)
  for i = 1, #hosts do
    if type(hosts[i]) ~= "string" or not hosts[i]:find("^[%w._-]+$") and not hosts[i]:find("^%[[%x:.]+%]$") then
      check.refuse(OP, "hosts", 'must be a list of names without ports, as "api.example.org"; got %s',
        show.value(hosts[i]))
    end
  end
  if next(hosts) ~= nil and #hosts == 0 then check.refuse(OP, "hosts", "must be a list of names") end
  return hosts
end

local function within(name, value, least, most, text)
  if value and (value < least or value > most) then check.refuse(OP, name, "must be %s", text) end
  return value
end

local function max_body(given)
  if given == nil then return nil end
  local bytes = units.memory(given)
  if not bytes or bytes > MAX_BODY then check.refuse(OP, "max_body", 'must be bytes, or "1m"; at most 1g') end
  return bytes
end

-- A function, or {function, summary =, body =, ...}.
local function route_of(key, given)
  local where = ('routes["%s"]'):format(show.short(tostring(key)))
  if type(given) == "function" then return {handler = given} end
  if type(given) ~= "table" or type(given[1]) ~= "function" then
    check.fail(OP, "%s must be a handler, a function, or {handler, ...}; got %s", where, show.value(given))
  end
  local options = {}
  for name, value in pairs(given) do
    if name ~= 1 then options[name] = value end
  end
  local route = check.options(OP, options, ROUTE, {path = where})
  for _, part in ipairs {"body", "query", "params"} do
    if route[part] then route[part] = validate.compile(OP, ("%s.%s"):format(where, part), route[part]) end
  end
  route.handler = given[1]
  return route
end

-- Fields of parameters: those that are not said are texts, and none is said in vain.
local function check_params(route)
  local params = route.value.params
  if not params then return end
  local there = {}
  for _, name in ipairs(route.names) do
    there[name] = true
    params[name] = params[name] or {type = "string"}
  end
  for name in ordered.pairs(params) do
    if not there[name] then check.fail(OP, 'route "%s" has no {%s}, which its params name', route.key, name) end
  end
end

local function router_of(given)
  local table_of = {}
  for key, value in ordered.pairs(given.routes) do table_of[key] = route_of(key, value) end
  local router = routes.compile(OP, table_of)
  for _, route in ipairs(router.list) do check_params(route) end
  if not given.openapi then return router end
  local options = check.options(OP, given.openapi, OPENAPI, {path = "openapi"})
  local document = openapi.document(options, router.list, given.token ~= nil)
  table_of["GET " .. (options.path or "/openapi.json")] = {handler = function() return document end}
  return routes.compile(OP, table_of)
end

--- Raises for what makes no sense.
---@param options moontide.ServeOptions
---@return table start of moontide.c.serve
---@return moontide.Router router
---@return boolean loopback
local function read(options)
  local given = check.options(OP, options, SCHEMA, {required = {"routes"}})
  local host, port = address(given.addr or "127.0.0.1:8080")
  if given.token and not given.token:find("^[\33-\126]+$") then
    check.refuse(OP, "token", "must be printable characters without blanks, and not empty")
  end
  local start = {
    op = OP, host = host, port = port, token = given.token, hosts = given.hosts and check_hosts(given.hosts),
    max_body = max_body(given.max_body),
    max_connections = within("max_connections", given.max_connections, 1, MAX_CONNECTIONS, "from 1 to 10000"),
    timeout = within("timeout", given.timeout, MIN_TIMEOUT, 3600, "from 50ms to 1h"),
  }
  return start, router_of(given), is_loopback(host)
end

return {read = read}
