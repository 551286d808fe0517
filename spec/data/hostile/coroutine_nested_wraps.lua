-- verdict: 4 script budget exceeded
local function nest(n)
  while true do pcall(coroutine.wrap(n > 0 and function() nest(n - 1) end or function() while true do end end)) end
end
nest(50)
