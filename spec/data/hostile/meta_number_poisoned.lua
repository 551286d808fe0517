-- verdict: 4
debug.setmetatable(0, {__index = function() error("poisoned") end, __call = function() error("poisoned") end})
debug.setmetatable(nil, {__index = function() return nil end, __call = function() end})
mt.spawn(function() local n = 1 return n.x end)
mt.sleep(0)
