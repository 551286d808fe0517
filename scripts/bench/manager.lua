-- manager: seconds for the manager's `arg[1]`: "scale" to `arg[2]` replicas, or "stats" of all; or "list", without
local mt = require "moontide"
local spec = require "container"

local m = mt.manager {stop_timeout = 5}

local function scale()
  local count = math.tointeger(tonumber(arg[2]))
  m:register_desired_state(spec.image, {
    min_replicas = count, max_replicas = count, ports = spec.ports, resources = spec.resources,
  })
  local begin = mt.monotonic()
  local result = m:reconcile(spec.image)
  assert(result.ok, result.error)
  return mt.monotonic() - begin
end

-- A call before brings the measured ones into step with the engine's samples, one a second.
local function stats()
  local list = assert(m:list_managed_containers())
  assert(mt.docker.stats(list[1].container_id))
  local begin = mt.monotonic()
  mt.map(list, function(summary)
    local figures = m:container_stats(summary.name)
    assert(figures.cpu_percent, figures.error)
  end)
  return mt.monotonic() - begin
end

if arg[1] == "list" then
  assert(#assert(m:list_managed_containers()) == tonumber(arg[2]))
else
  print((arg[1] == "scale" and scale or stats)())
end
