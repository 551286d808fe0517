-- verdict: 3
table.sort({3, 2, 1}, function() os.exit(3) end)
error("went on")
