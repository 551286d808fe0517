-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function() return ("x"):rep(1 << 40) end}))
