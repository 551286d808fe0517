--- HTTP headers, as people write them; pure.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"

local MAX = 64

-- They follow from the body: other values would make the rest of it the next request.
local OURS = {["content-length"] = true, ["transfer-encoding"] = true}

--- {Name = value} as a flat list {name, value, ...}, in order. Raises for what cannot be sent.
---@param op string the function as the caller knows it
---@param headers table<string, string|number>?
---@return string[] list
local function flat(op, headers)
  local list = {}
  for name, value in ordered.pairs(headers or {}) do
    if type(name) ~= "string" or not name:find("^[%w!#$%%&'*+.^_`|~-]+$") then
      check.fail(op, [[%s is not a header's name; headers are written {["Content-Type"] = "text/plain"}]],
        tostring(name))
    end
    if OURS[name:lower()] then check.fail(op, 'header "%s" follows from the body; leave it out', name) end
    if type(value) ~= "string" and type(value) ~= "number" then
      check.fail(op, 'the value of header "%s" must be a string or a number, got a %s', name, type(value))
    end
    value = tostring(value)
    if value:find("[\r\n%z]") then check.fail(op, 'the value of header "%s" has a line break or NUL', name) end
    list[#list + 1], list[#list + 2] = name, value
    if #list > 2 * MAX then check.fail(op, "there are more than %d headers", MAX) end
  end
  return list
end

--- {Name = value} into "Name: value" lines for libcurl, in order. Raises for what cannot be sent.
---@param op string the function as the caller knows it
---@param headers table<string, string|number>?
---@return string[] lines
local function lines(op, headers)
  local list, pairs_of = {}, flat(op, headers)
  for i = 1, #pairs_of, 2 do
    local name, value = pairs_of[i], pairs_of[i + 1]
    -- "Name:" tells libcurl to leave the header out, "Name;" to send it empty.
    list[#list + 1] = value:find("%S") and ("%s: %s"):format(name, value) or name .. ";"
  end
  return list
end

return {flat = flat, lines = lines}
