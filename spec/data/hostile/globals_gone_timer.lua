-- verdict: 4 globals_gone_timer.lua:6: in the timer
local error, pairs, mt = error, pairs, mt
local G = _G
mt.every("1ms", function()
  for name in pairs(G) do G[name] = nil end
  error("in the timer")
end)
