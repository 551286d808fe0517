-- verdict: 4 globals_poisoned.lua:6: the last error
-- What is not there any more loops.
local raise, rawset, next, _G = error, rawset, next, _G
setmetatable(_G, {__index = function() while true do end end, __newindex = function() while true do end end})
for name in next, _G do rawset(_G, name, nil) end
raise("the last error")
