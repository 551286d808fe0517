-- verdict: 4 C stack overflow
local function nest() coroutine.wrap(nest)() end
nest()
