-- verdict: 4 script budget exceeded
local function forever() while true do end end
while true do coroutine.resume(coroutine.create(table.sort), {3, 2, 1}, forever) end
