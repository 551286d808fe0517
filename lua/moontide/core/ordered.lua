--- Maps in key order: the same input gives the same messages, plans and engine requests.

local function before(a, b)
  local kind_a, kind_b = type(a), type(b)
  if kind_a ~= kind_b then return kind_a < kind_b end
  if kind_a == "number" or kind_a == "string" then return a < b end
  return tostring(a) < tostring(b)
end

--- The keys of a map; numbers come before strings.
---@param map table
---@return any[]
local function keys(map)
  local list = {}
  for key in next, map do list[#list + 1] = key end
  table.sort(list, before)
  return list
end

--- `for key, value in ordered.pairs(map)`; keys that are added on the way are not visited.
---@param map table
---@return fun(): any, any
local function ordered_pairs(map)
  local list, at = keys(map), 0
  return function()
    at = at + 1
    return list[at], map[list[at]]
  end
end

return {keys = keys, pairs = ordered_pairs}
