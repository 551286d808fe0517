-- verdict: 0
local a, b
local function closer(other) return setmetatable({}, {__close = function() other():cancel() end}) end
a = mt.spawn(function() local _ <close> = closer(function() return b end) mt.sleep(60) end)
b = mt.spawn(function() local _ <close> = closer(function() return a end) mt.sleep(60) end)
mt.sleep(0)
a:cancel()
assert(a:status() == "cancelled" and b:status() == "cancelled")
