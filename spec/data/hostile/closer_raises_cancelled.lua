-- verdict: 4 closing the task closer_raises_cancelled.lua:
local task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() error("no") end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
