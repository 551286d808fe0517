-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function() coroutine.yield("x") end}))
