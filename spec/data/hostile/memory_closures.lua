-- verdict: 4 not enough memory
-- slow
local last
while true do
  local inner = last
  last = function() return inner end
end
