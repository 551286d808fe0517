-- verdict: 1 e.g. join_each_other_waited.lua:3
local other
local task = mt.spawn(function() other:join() end)
other = mt.spawn(function() task:join() end)
task:join()
