-- verdict: 70 stuck
getmetatable(mt.spawn(print)).__gc = function() while true do end end
for _ = 1, 10 do mt.spawn(function() end) end
mt.sleep(0)
mt.sleep(0)
collectgarbage()
collectgarbage()
