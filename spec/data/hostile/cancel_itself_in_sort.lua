-- verdict: 0
local task
task = mt.spawn(function()
  table.sort({3, 2, 1}, function()
    task:cancel()
    error("went on")
  end)
end)
mt.sleep(0)
assert(task:status() == "cancelled", task:status())
