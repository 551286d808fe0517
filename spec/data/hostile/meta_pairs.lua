-- verdict: 4 script budget exceeded
local t = setmetatable({}, {__pairs = function() while true do end end})
while true do pcall(pairs, t) end
