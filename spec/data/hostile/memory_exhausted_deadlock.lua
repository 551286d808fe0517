-- verdict: 1 deadlock
-- slow
-- There is not one byte left for the message.
local other
local task = mt.spawn(function() other:join() end)
other = mt.spawn(function() task:join() end)
local hoard = {}
for size = 22, 4, -1 do
  while pcall(function() hoard = {hoard, ("x"):rep(1 << size)} end) do end
end
_G.keep = hoard
