-- verdict: 4 script budget exceeded
while true do pcall(pcall, pcall, pcall, function() while true do end end) end
