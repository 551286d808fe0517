-- verdict: 4 script budget exceeded
while true do coroutine.wrap(function() while true do end end)() end
