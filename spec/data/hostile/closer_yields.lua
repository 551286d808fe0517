-- verdict: 4 closing the task closer_yields.lua:
local task = mt.spawn(function()
  coroutine.wrap(function()
    local _ <close> = setmetatable({}, {__close = function() coroutine.yield() end})
    mt.sleep(60)
  end)()
end)
mt.sleep(0)
task:cancel()
