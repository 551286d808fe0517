-- verdict: 3
while true do pcall(function() os.exit(3) end) end
