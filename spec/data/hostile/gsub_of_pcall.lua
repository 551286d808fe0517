-- verdict: 4 script budget exceeded
-- Each of a hundred thousand calls is protected.
string.gsub(("x"):rep(100000), ".", function()
  pcall(function() while true do end end)
end)
while true do end
