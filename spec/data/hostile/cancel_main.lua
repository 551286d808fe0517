-- verdict: 4
-- The script's own task is a task like others.
local me
mt.spawn(function() me:cancel() end)
me = mt.spawn(function() error("not reached") end)
mt.sleep(0)
mt.sleep(0)
error("the end")
