-- verdict: 3
xpcall(error, function() os.exit(3) end)
error("went on")
