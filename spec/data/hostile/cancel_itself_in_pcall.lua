-- verdict: 0
local task
task = mt.spawn(function()
  while true do pcall(task.cancel, task) end
end)
mt.sleep(0)
assert(task:status() == "cancelled", task:status())
