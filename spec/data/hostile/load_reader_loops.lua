-- verdict: 4 script budget exceeded
while true do load(function() while true do end end) end
