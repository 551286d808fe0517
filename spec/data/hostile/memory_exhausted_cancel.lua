-- verdict: 4 closing the task memory_exhausted_cancel.lua
-- slow
-- Tasks are cancelled with not one byte to spare for what their closers raise.
local tasks = {}
for i = 1, 20 do
  tasks[i] = mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = function() error({}) end})
    mt.sleep(60)
  end)
end
mt.sleep(0)
local hoard = {}
for size = 22, 4, -1 do
  while pcall(function() hoard = {hoard, ("x"):rep(1 << size)} end) do end
end
for i = 1, 20 do pcall(tasks[i].cancel, tasks[i]) end
hoard = nil
for i = 1, 20 do assert(tasks[i]:status() == "cancelled", tasks[i]:status()) end
mt.sleep(0)
