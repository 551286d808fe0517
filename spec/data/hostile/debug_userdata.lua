-- verdict: 4 the metatable of userdata is fixed
-- Another type's metatable would make a file pass for a task.
debug.setmetatable(io.stdout, debug.getmetatable(mt.spawn(print)))
local passes = io.stdout
passes:cancel()
