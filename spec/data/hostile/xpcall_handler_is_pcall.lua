-- verdict: 4 script budget exceeded
while true do xpcall(function() while true do end end, pcall, function() while true do end end) end
