-- verdict: 0
-- slow
-- A tree as deep as the C stack is not.
local depth = 0
local closed = 0
local function nest()
  local _ <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
  depth = depth + 1
  if depth < 20000 then mt.spawn(nest) end
  mt.sleep(60)
end
local task = mt.spawn(nest)
while depth < 20000 do mt.sleep(0) end
mt.sleep(0)
task:cancel()
while closed < 20000 do mt.sleep(0) end
