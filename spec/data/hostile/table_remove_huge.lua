-- verdict: 4 would move more than
table.remove(setmetatable({}, {__len = function() return 1 << 50 end}), 1)
