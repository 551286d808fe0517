-- verdict: 0
debug.setmetatable(print, {__index = function() while true do end end, __call = 42})
assert(not pcall(debug.setmetatable, coroutine.running(), {__gc = print}))
debug.setmetatable(coroutine.running(), {__close = print, __name = 42})
mt.sleep(0)
