-- verdict: 4 not enough memory
local t = {}
for i = 1, math.huge do t[i] = t[i - 1] or i end
