-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function() mt.sleep(60) end}))
