-- verdict: 4 cannot wait while a task is being closed
local task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() coroutine.wrap(mt.sleep)(1) end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
