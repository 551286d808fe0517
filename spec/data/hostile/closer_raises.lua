-- verdict: 4 closing the task closer_raises.lua:
local _ <close> = setmetatable({}, {__close = function() error("second") end})
error("first")
