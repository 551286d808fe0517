-- verdict: 4 poisoned
getmetatable("").__index = function() error("poisoned") end
local s = ("x"):upper()
return s
