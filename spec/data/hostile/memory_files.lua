-- verdict: 4
-- slow
local t = {}
while true do table.insert(t, assert(io.open("/dev/null"))) end
