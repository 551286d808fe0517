-- verdict: 3
pcall(os.exit, 3)
while true do end
