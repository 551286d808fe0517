-- verdict: 4 script budget exceeded
local meta = {__close = function() while true do end end}
while true do
  pcall(function() local _ <close> = setmetatable({}, meta) error("x") end)
end
