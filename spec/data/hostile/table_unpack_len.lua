-- verdict: 4 too many results to unpack
table.unpack(setmetatable({}, {__len = function() return math.maxinteger end}))
