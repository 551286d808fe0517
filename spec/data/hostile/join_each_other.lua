-- verdict: 1 deadlock: 2 task(s)
local other
local task = mt.spawn(function() other:join() end)
other = mt.spawn(function() task:join() end)
