-- verdict: 3
local _ <close> = setmetatable({}, {__close = function() os.exit(5) end})
os.exit(3)
