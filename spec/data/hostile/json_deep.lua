-- verdict: 4
-- slow
local t = {}
for _ = 1, 100000 do t = {t} end
error(tostring(pcall(mt.json.encode, t)) .. tostring(mt.json.decode(("["):rep(100000))))
