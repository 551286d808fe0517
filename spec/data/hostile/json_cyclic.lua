-- verdict: 4
local t = {}
t.t = t
mt.json.encode(t)
