-- verdict: 4 script budget exceeded
-- Put down for its budget, it loops on in its closers.
local _ <close> = setmetatable({}, {__close = function() while true do pcall(function() while true do end end) end end})
while true do end
