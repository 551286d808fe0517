-- verdict: 4 script budget exceeded
getmetatable("").__add = function() while true do end end
while true do pcall(function() return "a" + "b" end) end
