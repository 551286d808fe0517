-- verdict: 4 script budget exceeded
while true do pcall(error) end
