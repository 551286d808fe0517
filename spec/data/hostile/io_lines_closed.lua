-- verdict: 4 file is already closed
local file = io.open("/dev/zero")
local lines = file:lines(1)
file:close()
lines()
