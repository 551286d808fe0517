-- verdict: 4 script budget exceeded
-- The iterator is a C function: only the loop itself is Lua.
for _ in tostring, 1 do end
