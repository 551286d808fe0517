-- verdict: 4 script budget exceeded
mt.all(setmetatable({}, {__len = function() return 1 << 50 end, __index = function() return print end}))
