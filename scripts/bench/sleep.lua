-- sleep: `arg[1]` tasks that sleep for a second
local mt = require "moontide"

for _ = 1, tonumber(arg[1]) do mt.spawn(mt.sleep, 1) end
