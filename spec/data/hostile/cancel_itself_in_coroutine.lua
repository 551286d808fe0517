-- verdict: 0
local task
task = mt.spawn(function()
  coroutine.wrap(task.cancel)(task)
  while true do end
end)
mt.sleep(0)
assert(task:status() == "cancelled", task:status())
