-- verdict: 4 excessive nesting
-- slow
local cjson = require "cjson"
local t = {}
for _ = 1, 100000 do t = {t} end
cjson.encode(t)
