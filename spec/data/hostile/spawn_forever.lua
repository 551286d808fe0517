-- verdict: 4 script budget exceeded
while true do mt.spawn(function() end) end
