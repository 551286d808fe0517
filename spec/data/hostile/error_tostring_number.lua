-- verdict: 4 moontide: 1
error(setmetatable({}, {__tostring = function() return 1 end}))
