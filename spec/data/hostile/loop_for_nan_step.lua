-- verdict: 4 script budget exceeded
for _ = 0.0, 1.0, 1e-300 do end
