-- verdict: 4
local function deep() return assert(pcall(deep)) end
deep()
error("overflow")
