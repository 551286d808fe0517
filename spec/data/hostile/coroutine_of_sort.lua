-- verdict: 4 script budget exceeded
-- The coroutine has no Lua of its own in which a hook could notice.
local function forever() while true do end end
while true do pcall(coroutine.wrap(table.sort), {3, 2, 1}, forever) end
