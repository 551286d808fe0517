-- verdict: 4 C stack overflow
local t
t = setmetatable({}, {__tostring = function() return tostring(t) end})
tostring(t)
