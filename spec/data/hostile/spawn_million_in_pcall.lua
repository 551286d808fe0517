-- verdict: 4
-- slow
local n = 0
while pcall(mt.spawn, function() mt.sleep(60) end) do n = n + 1 end
error("out of tasks after " .. n)
