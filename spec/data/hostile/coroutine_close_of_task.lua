-- verdict: 4 cannot close a normal coroutine
-- The coroutine of a task is the host's.
local theirs
mt.spawn(function()
  theirs = coroutine.running()
  mt.sleep(60)
end)
mt.sleep(0)
coroutine.close(theirs)
