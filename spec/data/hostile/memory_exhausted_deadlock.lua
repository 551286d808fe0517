-- verdict: 1 deadlock
-- slow
-- There is hardly a byte left for the message.
local other
local task = mt.spawn(function() other:join() end)
other = mt.spawn(function() task:join() end)
local hoard = {false}
_G.hoard = hoard
for size = 22, 4, -1 do
  while pcall(function() hoard[1] = {hoard[1], ("x"):rep(1 << size)} end) do end
end
