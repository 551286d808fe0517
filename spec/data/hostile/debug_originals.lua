-- verdict: 4 __gc is not available
-- The unguarded functions are upvalues of the guarded ones.
local _, original = debug.getupvalue(setmetatable, 1)
original = original or setmetatable
original({}, {__gc = function() while true do end end})
