-- create: seconds for create and start of `arg[1]` containers, all at once
local mt = require "moontide"
local spec = require "container"

local places = {}
for i = 1, tonumber(arg[1]) do places[i] = i end

local begin = mt.monotonic()
mt.map(places, function()
  local id = assert(mt.docker.create(spec))
  assert(mt.docker.start(id))
end)
print(mt.monotonic() - begin)
