-- verdict: 70 stuck
getmetatable(io.stdout).__gc = function() while true do end end
for _ = 1, 10 do io.open("/dev/null") end
collectgarbage()
collectgarbage()
