-- verdict: 4 script budget exceeded
for _ = 1.0, math.huge do end
