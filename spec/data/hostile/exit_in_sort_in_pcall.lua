-- verdict: 3
pcall(table.sort, {3, 2, 1}, function() while true do pcall(os.exit, 3) end end)
error("went on")
