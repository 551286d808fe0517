-- verdict: 4 not enough memory
-- slow
local function bomb()
  local t = {}
  while true do table.insert(t, 1) end
end
for _ = 1, 100 do mt.spawn(function() mt.sleep("1ms") bomb() end) end
bomb()
