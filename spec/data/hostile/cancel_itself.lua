-- verdict: 0
local task
task = mt.spawn(function()
  task:cancel()
  error("went on")
end)
mt.sleep(0)
assert(task:status() == "cancelled", task:status())
