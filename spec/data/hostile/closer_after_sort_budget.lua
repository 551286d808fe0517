-- verdict: 70 stuck
-- An error that a hook raised leaves the coroutine without hooks: Lua 5.4.4 cannot interrupt its closers.
local _ <close> = setmetatable({}, {__close = function() while true do end end})
table.sort({3, 2, 1}, function() while true do end end)
