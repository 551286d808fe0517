-- web: three replicas, started in parallel; each answers; one is killed, and its exit noticed
local SPEC = {
  image = "moontide/web", labels = {["moontide.example"] = "web"},
  ports = {["80/tcp"] = 0}, -- 0: the engine chooses
  resources = {cpu = "500m", memory = "64m"},
}

local function clean_up()
  mt.map(assert(mt.docker.list {all = true, label = SPEC.labels}), function(container)
    assert(mt.docker.remove(container.container_id, {force = true}))
  end)
end
-- However this script ends, Ctrl-C included: a task of its own cleans up.
local _ <close> = setmetatable({}, {__close = function() mt.spawn(clean_up) end})

local began = mt.monotonic()
local replicas = mt.map({1, 2, 3}, function() return assert(mt.docker.run(SPEC)) end)
print(("%d replicas run after %.2f s"):format(#replicas, mt.monotonic() - began))

local function get(url) -- the server in the container may still be starting
  return mt.http.get(url) or mt.sleep("50ms") or get(url)
end
mt.map(replicas, function(replica)
  local port = mt.docker.wait_ports(replica.container_id)["80/tcp"][1].HostPort
  local reply = assert(mt.timeout("10s", get, "http://127.0.0.1:" .. port))
  print(("%s on port %s: %d %s"):format(replica.name, port, reply.status, reply.body:match("[^\n]*")))
end)

local stats = mt.map(replicas, function(replica) return assert(mt.docker.stats(replica.container_id)) end)
for i, row in ipairs(stats) do row.name = replicas[i].name end
io.write(mt.text.table(stats, {{key = "name"}, {key = "cpu_percent", title = "cpu %", right = true},
  {key = "mem_usage", title = "memory", right = true, format = mt.text.bytes},
  {key = "mem_limit", title = "limit", right = true, format = mt.text.bytes}}))

local victim = replicas[2]
local exit = mt.spawn(mt.docker.request, "POST", "/containers/" .. victim.container_id .. "/wait", {timeout = "30s"})
assert(mt.docker.kill(victim.container_id))
local _, _, ended = assert(exit:join())
print(("%s was killed; its exit was noticed: code %d"):format(victim.name, ended.StatusCode))
