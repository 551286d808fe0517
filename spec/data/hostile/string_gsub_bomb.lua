-- verdict: 4 not enough memory
-- slow
local s = ("x"):rep(100000)
s:gsub("x", s)
