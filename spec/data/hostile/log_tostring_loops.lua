-- verdict: 4 script budget exceeded
mt.log.info(setmetatable({}, {__tostring = function() while true do end end}))
