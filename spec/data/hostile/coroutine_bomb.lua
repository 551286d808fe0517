-- verdict: 4 not enough memory
-- slow
local all = {}
while true do
  local co = coroutine.create(coroutine.yield)
  coroutine.resume(co, table.unpack(all, 1, 250))
  all[#all + 1] = co
end
