-- verdict: 0
-- slow
-- More constants than fit into the operand of one instruction.
local lines = {}
for i = 1, 70000 do lines[i] = ("x = %d.5 & 0"):format(i):gsub(" & 0", "") end
assert(load(table.concat(lines, "\n")))()
assert(_G.x == 70000.5)
