-- ping: seconds for `arg[1]` pings by `arg[2]` tasks
local mt = require "moontide"

local calls, tasks = tonumber(arg[1]), tonumber(arg[2])
local workers = {}
for i = 1, tasks do
  workers[i] = function()
    for _ = 1, calls // tasks do assert(mt.docker.ping()) end
  end
end
local begin = mt.monotonic()
mt.all(workers)
print(mt.monotonic() - begin)
