-- verdict: 0
local task
task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() task:cancel() end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
assert(task:status() == "cancelled", task:status())
