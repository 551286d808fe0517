-- verdict: 4 script budget exceeded
while true do
  pcall(coroutine.wrap(function()
    local _ <close> = setmetatable({}, {__close = function() while true do end end})
    error("x")
  end))
end
