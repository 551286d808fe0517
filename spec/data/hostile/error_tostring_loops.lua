-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function() while true do end end}))
