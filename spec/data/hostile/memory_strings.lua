-- verdict: 4 not enough memory
local t = {}
for i = 1, math.huge do t[i] = ("x"):rep(100000) .. #(t[i - 1] or "") end
