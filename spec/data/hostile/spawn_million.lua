-- verdict: 4 not enough memory
-- slow
for _ = 1, 1000000 do mt.spawn(mt.sleep, 60) end
