-- verdict: 1 deadlock
-- slow
-- There is hardly a byte left for the message.
local other
local task = mt.spawn(function() other:join() end)
other = mt.spawn(function() task:join() end)
local hoard, size = {false}, 1 << 22
_G.hoard = hoard
local function fill() hoard[1] = {hoard[1], ("x"):rep(size)} end
while size > 16 do
  if not pcall(fill) then size = size >> 1 end
end
