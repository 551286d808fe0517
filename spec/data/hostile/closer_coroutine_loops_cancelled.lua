-- verdict: 4 closing the task closer_coroutine_loops_cancelled.lua:
local task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function()
    while true do coroutine.resume(coroutine.create(function() while true do end end)) end
  end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
