-- verdict: 4 (error object is a table value)
local t = {}
t[1], t.t = t, t
error(setmetatable(t, t))
