-- verdict: 4 not enough memory
local function bomb()
  local t = {}
  for i = 1, math.huge do t[i] = t[i - 1] or i end
end
for _ = 1, 100 do mt.spawn(function() mt.sleep("1ms") bomb() end) end
bomb()
