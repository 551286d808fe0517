-- verdict: 4 not enough memory
-- slow
local t = {}
while true do table.insert(t, ("x"):rep(100000) .. #t) end
