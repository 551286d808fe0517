-- verdict: 4 script budget exceeded
local function nest() pcall(nest) while true do end end
nest()
