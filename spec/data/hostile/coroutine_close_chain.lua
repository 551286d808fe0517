-- verdict: 0
-- slow
-- Debian's liblua ends in SIGSEGV where coroutine.close calls itself 11,000 times.
local last
for _ = 1, 20000 do
  local inner = last
  last = coroutine.create(function()
    local _ <close> = setmetatable({}, {__close = function() if inner then coroutine.close(inner) end end})
    coroutine.yield()
  end)
  coroutine.resume(last)
end
print(coroutine.close(last))
