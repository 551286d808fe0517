-- stop: seconds for stop (5 s of grace) and remove of all containers, all at once
local mt = require "moontide"

local list = assert(mt.docker.list())
local begin = mt.monotonic()
mt.map(list, function(container)
  assert(mt.docker.stop(container.container_id, {timeout = 5}))
  assert(mt.docker.remove(container.container_id))
end)
print(mt.monotonic() - begin)
