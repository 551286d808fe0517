-- verdict: 4 C stack overflow
local function nest() return (string.gsub("x", "x", nest)) end
nest()
