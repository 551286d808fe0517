--- What a handler returns, as a reply: status, headers, body.

local errors = require "moontide.core.errors"
local headers = require "moontide.core.headers"
local json = require "moontide.c.json"

local JSON = {"Content-Type", "application/json"}
local TEXT = {"Content-Type", "text/plain; charset=utf-8"}
local NONE = {}

local STATUS = {
  invalid = 422, not_found = 404, conflict = 409, denied = 403, timeout = 504, transport = 502, engine = 502,
}

--- An error as JSON: {"error": message}, and the field that it is about.
---@param status integer
---@param message string
---@param more table? further members, and `headers`: a flat list
---@return integer status
---@return string[] headers
---@return string body
local function problem(status, message, more)
  local body, list = {error = message}, {table.unpack(JSON)}
  for key, value in pairs(more or {}) do
    if key == "headers" then table.move(value, 1, #value, #list + 1, list) else body[key] = value end
  end
  if not utf8.len(message) then body.error = errors.escape(message) end
  return status, list, json.encode(body)
end

-- {Name = value} and the type of the body, unless it is among them, as a flat list.
local function flat(op, given, default)
  if given == nil then return default end
  local list = headers.flat(op, given)
  for i = 1, #list, 2 do
    if list[i]:lower() == "content-type" then return list end
  end
  return table.move(default, 1, #default, #list + 1, list)
end

local function with_status(op, status, body, given)
  if status < 200 or status > 599 then error(("%s: %d is no status of a reply (200 to 599)"):format(op, status), 0) end
  if body == nil or status == 204 or status == 304 then return status, flat(op, given, NONE), "" end
  if type(body) == "table" then return status, flat(op, given, JSON), json.encode(body) end
  if type(body) ~= "string" then error(("%s: a body is a table or a string, not a %s"):format(op, type(body)), 0) end
  return status, flat(op, given, TEXT), body
end

--- Raises for what is no reply.
---@param op string for messages: "GET /containers"
---@param ... any what the handler returned: a table (200, JSON), a string (200, text), nothing or true (204), a
---  status with body and headers, or nil and an error
---@return integer status
---@return string[] headers
---@return string body
local function from(op, ...)
  local first, second, third = ...
  if first == nil and second ~= nil then
    local err = errors.is(second)
    return problem(err and STATUS[second.kind] or 500, err and second.message or tostring(second))
  end
  if first == nil or first == true then return 204, NONE, "" end
  if type(first) == "table" then return 200, JSON, json.encode(first) end
  if type(first) == "string" then return 200, TEXT, first end
  if math.tointeger(first) then return with_status(op, math.tointeger(first), second, third) end
  error(("%s: a handler returns a table, a string, a status or nil, not %s"):format(op, tostring(first)), 0)
end

return {from = from, problem = problem}
