-- verdict: 4 not enough memory
for _ = 1, 100 do mt.spawn(function() mt.sleep("1ms") local t = {} for i = 1, math.huge do t[i] = {} end end) end
local hoard = {}
for i = 1, math.huge do hoard[i] = {} end
