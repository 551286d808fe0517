-- verdict: 4 no new globals
setmetatable(_G, {__newindex = function(_, name) error("no new globals: " .. name, 2) end})
_G.x = 1
