-- verdict: 4 script budget exceeded
while true do end
