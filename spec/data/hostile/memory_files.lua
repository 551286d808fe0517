-- verdict: 4
local t = {}
while true do t[#t + 1] = assert(io.open("/dev/null")) end
