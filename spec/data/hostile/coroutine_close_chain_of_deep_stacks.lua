-- verdict: 0
-- Each closer is 150 calls of gsub deep in the C stack when it closes the next coroutine.
local last
for _ = 1, 200 do
  local inner = last
  local function deep(n)
    if n == 0 then
      if inner then coroutine.close(inner) end
    else
      string.gsub("x", "x", function() deep(n - 1) end)
    end
  end
  last = coroutine.create(function()
    local _ <close> = setmetatable({}, {__close = function() deep(150) end})
    coroutine.yield()
  end)
  coroutine.resume(last)
end
coroutine.close(last)
