-- verdict: 4
local function handler() return 1 + handler() end
local ok, why = xpcall(error, handler)
error(tostring(ok) .. tostring(why))
