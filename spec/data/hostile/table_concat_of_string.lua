-- verdict: 70 stuck
-- No table, no Lua: a string that passes for one.
local meta = getmetatable("")
meta.__len, meta.__index = function() return 1 << 50 end, string.rep
table.concat("", "", 1, 1 << 50)
