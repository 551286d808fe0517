-- verdict: 4 attempt to call a table value
-- Each __call shifts the arguments of those before it.
local t = {}
for _ = 1, 2000 do t = setmetatable({}, {__call = t}) end
t()
