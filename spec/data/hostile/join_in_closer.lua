-- verdict: 4 cannot wait while a task is being closed
local sleeper = mt.spawn(function() mt.sleep("20ms") end)
local task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() sleeper:join() end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
