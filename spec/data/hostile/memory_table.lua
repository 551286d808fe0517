-- verdict: 4 not enough memory
-- slow
local t = {}
while true do table.insert(t, 1) end
