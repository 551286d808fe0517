-- verdict: 4 memory_closures.lua:6: in main chunk
-- slow
local last
while true do
  local inner = last
  last = function() return inner end
end
