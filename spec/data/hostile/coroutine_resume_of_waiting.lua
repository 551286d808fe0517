-- verdict: 0
local inner = coroutine.create(function() mt.sleep("20ms") return "done" end)
local task = mt.spawn(function() return coroutine.resume(inner) end)
mt.sleep(0)
local ok, why = coroutine.resume(inner)
assert(not ok and why == "cannot resume a coroutine that waits in another task", why)
assert(not pcall(coroutine.close, inner))
assert(select(3, task:join()) == "done")
