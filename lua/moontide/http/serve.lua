--- mt.http.serve: a server whose handlers are tasks.

local check = require "moontide.core.check"
local log = require "moontide.core.log"
local json = require "moontide.c.json"
local replies = require "moontide.http.reply"
local routes = require "moontide.http.routes"
local serve = require "moontide.c.serve"
local task = require "moontide.c.task"
local units = require "moontide.core.units"
local uri = require "moontide.http.uri"

local OP = "http.serve"
local MAX_CONNECTIONS = 10000

local SCHEMA = {
  addr = "string", token = "string", hosts = "table", max_body = "number|string", max_connections = "integer",
  timeout = "duration", openapi = "table", routes = "table",
}

-- Decodes what the client calls JSON; nil, status, message for what is none.
local function read_json(request)
  local kind = (request.headers["content-type"] or ""):lower():match("^%s*([^;%s]*)")
  local is_json = kind == "application/json" or kind:find("^application/[%w.-]+%+json$")
  if not is_json or request.body == "" then return true end
  local value, err = json.decode(request.body)
  if err then return nil, 400, "the body is no JSON: " .. err.message end
  request.json = value
  return true
end

local function call(op, handler, request)
  local results = table.pack(xpcall(handler, debug.traceback, request))
  if results[1] then results = table.pack(pcall(replies.from, op, table.unpack(results, 2, results.n))) end
  if results[1] then return table.unpack(results, 2, 4) end
  log.error("%s: %s", op, results[2])
  return replies.problem(500, "internal error")
end

-- Without a route: the methods that there are, or which are unknown.
local function no_route(self, request, allow)
  if request.method == "OPTIONS" and (allow or request.path == "*") then
    return 204, {"Allow", allow or self.router:methods()}, ""
  end
  if not allow then return replies.problem(404, "there is nothing at this path") end
  return replies.problem(405, "the method must be one of " .. allow, {headers = {"Allow", allow}})
end

local function respond(self, request)
  local segments = uri.segments(request.path)
  local query = uri.query(request.query)
  if not segments or not query then return replies.problem(400, "the target cannot be decoded") end
  local route, params = self.router:find(request.method, segments)
  if not route then return no_route(self, request, params) end
  request.path, request.query, request.params = "/" .. table.concat(segments, "/"), query, params
  local ok, status, message = read_json(request)
  if not ok then return replies.problem(status, message) end
  return call(route.key, route.value.handler, request)
end

local function answer(self, pending)
  local request <close> = pending -- without a reply: 503
  local taken = request:take()
  if taken then request:reply(respond(self, taken)) end
end

local function accept(self, handle)
  local server <close> = handle
  for request in function() return server:next() end do task.spawn(answer, self, request) end
end

-- "127.0.0.1:8080", ":8080", "[::1]:8080" as host and port.
local function address(addr)
  local host, port = addr:match("^%[([%x:.]+)%]:(%d+)$")
  if not host then host, port = addr:match("^([%w.]*):(%d+)$") end
  port = tonumber(port)
  if not port or port > 65535 or not (host == "" or host == "localhost" or host:find("^[%x:.]+$")) then
    check.refuse(OP, "addr", 'must be "ADDRESS:PORT" with a numeric address, as in "127.0.0.1:8080" or "[::1]:8080", '
      .. 'got "%s"', addr)
  end
  return host == "" and "127.0.0.1" or host, port
end

local function is_loopback(host) return host == "localhost" or host == "::1" or host:find("^127%.") ~= nil end

local function positive(name, value, most)
  if value and (value < 1 or value > most) then check.refuse(OP, name, "must be from 1 to %d, got %s", most, value) end
  return value
end

local function table_of(given)
  local list = {}
  for key, value in pairs(given) do
    if type(value) == "function" then value = {value} end
    if type(value) ~= "table" or type(value[1]) ~= "function" then
      check.fail(OP, 'route "%s" needs a handler, a function; got %s', tostring(key), type(value))
    end
    list[key] = {handler = value[1]}
  end
  return list
end

---@class moontide.Server
local Server = {}
Server.__index = Server

--- Takes no more requests. Those that are being served may end, within the timeout.
function Server:close() self.handle:finish() end

--- Listens, and serves until it is closed.
---@param options moontide.ServeOptions
---@return moontide.Server? server
---@return moontide.Error? err conflict: the port is taken
local function start(options)
  local given = check.options(OP, options, SCHEMA, {required = {"routes"}})
  local host, port = address(given.addr or "127.0.0.1:8080")
  local max_body = given.max_body and units.memory(given.max_body)
  if given.max_body and not max_body then check.refuse(OP, "max_body", 'must be bytes, or "1m"') end
  local self = {router = routes.compile(OP, table_of(given.routes))}
  local handle, err = serve.start {
    op = OP, host = host, port = port, hosts = given.hosts, token = given.token, max_body = max_body,
    max_connections = positive("max_connections", given.max_connections, MAX_CONNECTIONS),
    timeout = given.timeout,
  }
  if not handle then return nil, err end
  self.handle, self.addr = handle, handle:address()
  if not is_loopback(host) and not given.token then
    log.warn("%s: everybody who reaches %s may ask; a token or a loopback address keeps others out", OP, self.addr)
  end
  task.spawn(accept, self, handle)
  return setmetatable(self, Server)
end

return {start = start}
