-- logs: all lines of the log of the container `arg[1]`; exits with 1 unless they are `arg[2]` bytes
local mt = require "moontide"

local bytes = 0
for line in assert(mt.docker.logs(arg[1])) do bytes = bytes + #line + 1 end
os.exit(bytes == tonumber(arg[2]))
