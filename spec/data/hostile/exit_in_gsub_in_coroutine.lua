-- verdict: 3
local co = coroutine.create(string.gsub)
coroutine.resume(co, "xxx", ".", function() os.exit(3) end)
error("went on")
