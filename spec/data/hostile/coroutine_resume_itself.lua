-- verdict: 0
local co
co = coroutine.create(function() return coroutine.resume(co) end)
local _, ok, why = coroutine.resume(co)
assert(ok == false and why == "cannot resume non-suspended coroutine", why)
ok, why = coroutine.resume(coroutine.running())
assert(ok == false and why == "cannot resume non-suspended coroutine", why)
