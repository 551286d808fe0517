-- verdict: 0
local group_task
mt.race {
  function()
    group_task = mt.spawn(function() mt.sleep(60) end)
    mt.sleep(0)
    group_task:cancel()
    group_task:cancel()
    return true
  end,
}
assert(group_task:status() == "cancelled")
