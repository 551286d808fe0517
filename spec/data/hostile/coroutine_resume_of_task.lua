-- verdict: 0
local theirs
local task = mt.spawn(function()
  theirs = coroutine.running()
  mt.sleep("20ms")
  return "by itself"
end)
mt.sleep(0)
local ok, why = coroutine.resume(theirs)
assert(not ok and why:find("cannot resume", 1, true), why)
assert(select(2, task:join()) == "by itself")
assert(coroutine.status(theirs) == "dead")
assert(not coroutine.resume(theirs))
