-- verdict: 0
-- The library's own primitives, used as the library does not.
local task = require "moontide.c.task"
local group = task.group()
assert(group:next() == nil)
local one = group:spawn(mt.sleep, 60)
mt.spawn(function() mt.sleep(0) group:close() end)
local two = mt.spawn(function() return pcall(group.next, group) end)
assert(group:next() == one)
assert(one:status() == "cancelled")
group:close()
assert(two:join())
assert(not pcall(one.raise, {}))
