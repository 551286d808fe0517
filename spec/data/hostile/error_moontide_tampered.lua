-- verdict: 4
local _, err = mt.timeout("1ms", mt.sleep, 60)
err.message, err.op = setmetatable({}, {__tostring = function() while true do end end}), {}
error(err)
