--- Small values that several readers of a spec make; pure.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"

--- Text of a string, number or boolean; 8080.0 is "8080", as JSON libraries make floats of integers.
---@param value any
---@return string? text nil: it is none of them, or a number that is not finite
local function text_of(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "number" or value ~= value or value == math.huge or value == -math.huge then return nil end
  return tostring(math.tointeger(value) or value)
end

local LIST = {__jsontype = "array"}

--- An empty list, which is [] in JSON and not {}.
---@return table
local function list() return setmetatable({}, LIST) end

--- {name = text} of {name = string, number or boolean}; raises what a caller got wrong.
---@param op string
---@param option string
---@param map table
---@return table<string, string>
local function texts(op, option, map)
  local result = {}
  for key, item in ordered.pairs(map) do
    result[key] = type(key) == "string" and text_of(item) or nil
    if not result[key] then
      check.refuse(op, option, 'must be {name = "value", ...}, got a %s for %s', type(item), show.value(key))
    end
  end
  return result
end

return {text_of = text_of, list = list, texts = texts}
