-- verdict: 4 (error object is a table value)
error(setmetatable({}, {__name = ("x"):rep(1 << 20), __metatable = "hidden"}))
