-- verdict: 7
error(setmetatable({}, {__tostring = function() os.exit(7) end}))
