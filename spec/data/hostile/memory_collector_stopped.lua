-- verdict: 0
-- slow
-- Without the collector there still is the ceiling, and with it a last collection.
collectgarbage("stop")
for i = 1, 600000 do local _ = {i, i, i, i} end
