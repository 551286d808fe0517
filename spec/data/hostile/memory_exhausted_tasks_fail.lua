-- verdict: 4 not enough memory
local function bomb()
  local t = {}
  while true do t[#t + 1] = 1 end
end
for _ = 1, 100 do mt.spawn(function() mt.sleep("1ms") bomb() end) end
bomb()
