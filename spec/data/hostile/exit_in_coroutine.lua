-- verdict: 3
coroutine.wrap(function() os.exit(3) end)()
error("went on")
