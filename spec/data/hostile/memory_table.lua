-- verdict: 4 not enough memory
local t = {}
while true do t[#t + 1] = 1 end
