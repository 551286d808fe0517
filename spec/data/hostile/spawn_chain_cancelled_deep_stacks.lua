-- verdict: 0
-- slow
-- Each closer is 150 calls of gsub deep in the C stack when it cancels the next task.
local tasks = {}
local function deep(n, fn)
  if n == 0 then return fn() end
  string.gsub("x", "x", function() deep(n - 1, fn) end)
end
for i = 1, 200 do
  tasks[i] = mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = function()
      if tasks[i - 1] then deep(150, function() tasks[i - 1]:cancel() end) end
    end})
    mt.sleep(60)
  end)
end
mt.sleep(0)
tasks[200]:cancel()
while tasks[1]:status() ~= "cancelled" do mt.sleep(0) end
