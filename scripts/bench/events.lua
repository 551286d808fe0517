-- events: seconds for the first `arg[1]` events of the engine, and how many different ones they were
local mt = require "moontide"

local wanted = tonumber(arg[1])
local events = assert(mt.docker.events {since = mt.now() - 60})
local begin, seen, count = nil, {}, 0
for event in events do
  begin = begin or mt.monotonic()
  if event.action == "start" and not seen[event.id] then
    seen[event.id] = true
    count = count + 1
  end
  if count == wanted then break end
end
print(mt.monotonic() - begin, count)
os.exit(true)
