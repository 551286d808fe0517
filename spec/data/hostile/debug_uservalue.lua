-- verdict: 4 field 'setuservalue'
local task = mt.spawn(function() return 1, 2, 3 end)
mt.sleep(0)
for i = 1, 5 do debug.setuservalue(task, 42, i) end
print(task:join())
error("still here")
