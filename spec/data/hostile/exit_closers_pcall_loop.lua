-- verdict: 3 script budget exceeded
local _ <close> = setmetatable({}, {__close = function()
  while true do pcall(function() while true do end end) end
end})
os.exit(3)
