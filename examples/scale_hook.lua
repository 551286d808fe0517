-- scale_hook: what happens to containers is told as it happens: here to the terminal, elsewhere to a balancer
local IMAGE = "moontide/web"

mt.on("scale", function(ev)
  print(("%s: %d to %d replicas are wished"):format(ev.image, ev.data.to.min_replicas, ev.data.to.max_replicas))
end)
mt.on("create", function(ev)
  print(("add    %s on port %s (%s)"):format(ev.name, ev.ports["80/tcp"][1].HostPort, ev.reason))
end)
-- The ports are those that were bound before: they are what a balancer knows.
mt.on("stop", function(ev)
  print(("remove %s on port %s (%s)"):format(ev.name, ev.ports["80/tcp"][1].HostPort, ev.reason))
end)
mt.on("error", function(ev) print(("error  %s"):format(ev.reason)) end)

local m = mt.manager {stop_timeout = 1}
m:register_desired_state(IMAGE, {ports = {["80/tcp"] = 0}})
for _, replicas in ipairs {2, 1, 0} do
  assert(m:scale(IMAGE, {min_replicas = replicas, max_replicas = replicas}).ok)
end
assert(m:forget(IMAGE))
