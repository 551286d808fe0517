-- verdict: 4 script budget exceeded
local function deep() pcall(deep) pcall(deep) end
deep()
