-- stats: seconds for the figures of all containers, all at once. The engine takes samples once in a
-- second: a call before brings the measured ones into step with that.
local mt = require "moontide"

local list = assert(mt.docker.list())
assert(mt.docker.stats(list[1].container_id))
local begin = mt.monotonic()
mt.map(list, function(container) assert(mt.docker.stats(container.container_id)) end)
print(mt.monotonic() - begin)
