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
local hoard, size = nil, 1 << 22
local function fill() hoard = {hoard, ("x"):rep(size)} end
while size > 16 do
  if not pcall(fill) then size = size >> 1 end
end
for i = 1, 20 do pcall(tasks[i].cancel, tasks[i]) end
hoard = nil
for i = 1, 20 do assert(tasks[i]:status() == "cancelled", tasks[i]:status()) end
mt.sleep(0)
