-- verdict: 4 invalid order function
local list = {}
for i = 1, 1000 do list[i] = i end
table.sort(list, function() return true end)
