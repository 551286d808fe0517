-- verdict: 0
local ran = false
local wrapped = coroutine.wrap(function() ran = true end)
assert(not debug.setupvalue(wrapped, 1, 42))
wrapped()
assert(ran)
