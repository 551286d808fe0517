-- verdict: 4 script budget exceeded
for _ = 1, math.maxinteger do end
