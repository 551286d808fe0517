-- verdict: 4 too many upvalues
local lines = {}
for i = 1, 2 do
  lines[#lines + 1] = ("local function f%d()"):format(i)
  for j = 1, 150 do lines[#lines + 1] = ("local v%d_%d"):format(i, j) end
end
lines[#lines + 1] = "return function()"
for i = 1, 2 do
  for j = 1, 150 do lines[#lines + 1] = ("v%d_%d = 1"):format(i, j) end
end
lines[#lines + 1] = "end end end"
assert(load(table.concat(lines, "\n")))
