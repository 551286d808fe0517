--- Small values that several readers of a spec make; pure.

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

return {text_of = text_of, list = list}
