-- verdict: 0
local ticks = 0
local busy = mt.spawn(function() while true do mt.sleep(0) end end)
local timer = mt.every("1ms", function() ticks = ticks + 1 end)
while ticks < 5 do mt.sleep(0) end
timer:stop()
busy:cancel()
