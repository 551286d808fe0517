--- docker.request: the raw escape hatch, for what has no function of its own.

local check = require "moontide.core.check"
local headers = require "moontide.core.headers"
local json = require "moontide.c.json"
local ordered = require "moontide.core.ordered"

local OPTIONS = {query = "table", body = "table|string", headers = "table", timeout = "duration"}

-- Tables, as `filters` is one, go as JSON.
local function query_of(map)
  local list = {}
  for key, value in ordered.pairs(map or {}) do
    list[#list + 1] = tostring(key)
    list[#list + 1] = type(value) == "table" and json.encode(value) or tostring(value)
  end
  return list
end

--- docker.request(method, path, {query=, body=, headers=, timeout=}) -> status, table
--- path without the version: "/containers/json". body: a table (sent as JSON) or text. The reply is a
--- table when it is JSON, else text; any status is a result; nil, err when there was no reply.
---@param connection fun(): userdata?, moontide.Error?
local function request(connection)
  local op = "docker.request"
  return function(method, path, options)
    check.string(op, "method", method)
    check.string(op, "path", path)
    local given = check.options(op, options, OPTIONS)
    if not method:find("^%u+$") then check.fail(op, 'method must be like "GET", got "%s"', method) end
    if not path:find("^/[!-~]*$") then check.fail(op, 'path must be like "/containers/json", got "%s"', path) end
    if given.query and path:find("?", 1, true) then
      check.fail(op, 'path "%s" has a query already; give it in query=', path)
    end
    local engine, err = connection()
    if not engine then return nil, err end
    return engine:call {
      op = op, row = "request", method = method, path = path, query = query_of(given.query),
      body = given.body, headers = headers.lines(op, given.headers), timeout = given.timeout,
    }
  end
end

return {request = request}
