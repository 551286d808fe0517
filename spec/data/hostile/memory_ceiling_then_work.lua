-- verdict: 0
-- The script goes on after it was out of memory, and so do its tasks.
local ok, why = pcall(string.rep, "x", 1 << 30)
assert(not ok and why == "not enough memory", why)
local other = mt.spawn(function()
  mt.sleep(0)
  return pcall(string.rep, "x", 1 << 30)
end)
assert(select(2, other:join()) == false)
assert(#("x"):rep(1 << 20) == 1 << 20)
