-- verdict: 0
local task = mt.spawn(function() error(setmetatable({}, {__tostring = function() while true do end end})) end)
local ok, err = task:join()
assert(not ok and type(err) == "table")
