--- mt.http.serve: a server whose handlers are tasks.

local json = require "moontide.c.json"
local log = require "moontide.core.log"
local options_of = require "moontide.http.serve_options"
local replies = require "moontide.http.reply"
local serve = require "moontide.c.serve"
local task = require "moontide.c.task"
local uri = require "moontide.http.uri"
local validate = require "moontide.http.validate"

local MAX_DEPTH = 64

local function is_json(request)
  local kind = (request.headers["content-type"] or ""):lower():match("^%s*([^;%s]*)")
  return kind == "application/json" or kind:find("^application/[%w.-]+%+json$") ~= nil
end

-- What does not follow is refused in the words of the field.
local function invalid(err) return 422, err.error, {field = err.field} end

-- Decodes a body that is JSON and checks what the route asks of it. Returns nothing, or the problem.
local function read_body(request, fields)
  if request.body ~= "" and is_json(request) then
    local value, err = json.decode(request.body, {max_depth = MAX_DEPTH})
    if err then return 400, "the body is no JSON: " .. err.message end
    request.json = value
  elseif fields and request.body ~= "" then
    return 415, "the body must be JSON: send Content-Type: application/json"
  end
  if not fields then return end
  local checked, err = validate.follow({body = {type = "object", fields = fields}}, {body = request.json or {}})
  if err then return invalid {field = err.field:gsub("^body%.", ""), error = err.error:gsub('^"body%.', '"')} end
  request.json = checked.body
end

-- As read_body, of what stands in the target.
local function read_texts(request, route)
  for _, part in ipairs {"params", "query"} do
    local fields = route[part]
    if fields then
      local checked, err = validate.follow_texts(fields, request[part])
      if err then return invalid(err) end
      request[part] = checked
    end
  end
end

local function call(op, handler, request)
  local results = table.pack(xpcall(handler, debug.traceback, request))
  if results[1] then results = table.pack(pcall(replies.from, op, table.unpack(results, 2, results.n))) end
  if results[1] then return table.unpack(results, 2, 4) end
  log.error("%s: %s", op, results[2])
  return replies.problem(500, "internal error")
end

-- Without a route: the methods that there are, or which are unknown.
local function no_route(request, allow)
  if not allow then return replies.problem(404, "there is nothing at this path") end
  if request.method == "OPTIONS" then return 204, {"Allow", allow}, "" end
  return replies.problem(405, "the method must be one of " .. allow, {headers = {"Allow", allow}})
end

local function respond(self, request)
  if request.path == "*" and request.method == "OPTIONS" then return no_route(request, self.router:methods()) end
  local segments, query = uri.segments(request.path), uri.query(request.query)
  if not segments or not query then return replies.problem(400, "the target cannot be decoded") end
  local route, params = self.router:find(request.method, segments)
  if not route then return no_route(request, params) end
  request.path, request.query, request.params = "/" .. table.concat(segments, "/"), query, params
  local status, message, more = read_texts(request, route.value)
  if not status then status, message, more = read_body(request, route.value.body) end
  if status then return replies.problem(status, message, more) end
  return call(route.key, route.value.handler, request)
end

local function answer(self, pending)
  local request <close> = pending -- without a reply: 503
  local taken = request:take()
  if not taken then return end
  local method, path, begin = taken.method, taken.path, task.monotonic()
  local status, headers, body = respond(self, taken)
  request:reply(status, headers, body)
  if log.shows "debug" then
    log.debug("%s: %s %s: %d, %.1f ms", taken.peer, method, path, status, (task.monotonic() - begin) * 1000)
  end
end

local function accept(self, handle)
  local server <close> = handle
  for request in function() return server:next() end do task.spawn(answer, self, request) end
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
  local given, router, loopback = options_of.read(options)
  local handle, err = serve.start(given)
  if not handle then return nil, err end
  local self = setmetatable({router = router, handle = handle, addr = handle:address()}, Server)
  if not loopback and not given.token then
    log.warn("%s: everybody who reaches %s may ask; a token, or a loopback address, keeps others out", given.op,
      self.addr)
  end
  task.spawn(accept, self, handle)
  return self
end

return {start = start}
