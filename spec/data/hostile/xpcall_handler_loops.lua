-- verdict: 4 script budget exceeded
xpcall(error, function() while true do end end)
