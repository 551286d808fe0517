-- verdict: 70 stuck
-- The length that is checked is not the length that is used.
local calls = 0
local list = setmetatable({}, {__len = function()
  calls = calls + 1
  return calls == 1 and 1 or 1 << 50
end})
while true do table.insert(list, 1, "x") end
