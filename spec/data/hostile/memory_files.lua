-- verdict: 4
local t = {}
while true do table.insert(t, assert(io.open("/dev/null"))) end
