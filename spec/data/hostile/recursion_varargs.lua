-- verdict: 4 script budget exceeded
local function grow(...) return grow(1, ...) end
grow()
