-- scale_hook: what happens to containers is told as it happens; here, to the terminal
mt.on("scale", function(ev)
  print(("%s: %d to %d replicas are wished"):format(ev.image, ev.data.to.min_replicas, ev.data.to.max_replicas))
end)
for _, event in ipairs {"create", "remove"} do
  mt.on(event, function(ev) print(("%s %s: %s"):format(event, ev.name, ev.reason)) end)
end
-- A hook that fails is reported, and breaks nothing.
mt.on("stop", function(ev)
  if not ev.ports["80/tcp"] then error(ev.name .. " had no port to be taken from the balancer") end
end)

local m = mt.manager()
for _, replicas in ipairs {2, 1, 0} do
  assert(m:scale("moontide/web", {min_replicas = replicas, max_replicas = replicas}).ok)
end
assert(m:forget("moontide/web"))
