-- verdict: 4 script budget exceeded
-- No Lua of the task's own is left in which an error could be raised again.
mt.spawn(pcall, function() while true do end end)
