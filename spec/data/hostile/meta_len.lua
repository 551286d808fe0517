-- verdict: 4 script budget exceeded
local t = setmetatable({}, {__len = function() while true do end end})
while true do pcall(function() return table.unpack(t) end) end
