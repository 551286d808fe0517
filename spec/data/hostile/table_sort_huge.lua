-- verdict: 4 script budget exceeded
table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = function() return 1 end}))
