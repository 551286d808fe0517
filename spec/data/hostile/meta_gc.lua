-- verdict: 4 __gc is not available in scripts
setmetatable({}, {__gc = function() while true do end end})
