-- verdict: 4 a task cannot wait for itself
local task
task = mt.spawn(function() task:join() end)
mt.sleep(0)
mt.sleep(0)
