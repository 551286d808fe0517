-- compose: the idea of a Compose file: services, their order, and `up` and `down` as functions of one screen
local SERVICES = {
  db = {image = "moontide/web", command = "httpd -f -p 5432 -h /www", networks = {"shop"}},
  app = {image = "moontide/web", needs = {"db"}, networks = {"shop"}, ports = {["80/tcp"] = 0}, scale = 2},
}
local docker = mt.docker

local function containers_of(name)
  return assert(docker.list {all = true, label = {project = "shop", service = name or true}})
end

local up
local function up_once(name, started)
  started[name] = started[name] or mt.spawn(function()
    local service, spec = SERVICES[name], {labels = {project = "shop", service = name}}
    mt.map(service.needs or {}, function(other) assert(up(other, started)) end)
    for key, value in pairs(service) do
      if key ~= "needs" and key ~= "scale" then spec[key] = value end
    end
    for n = #containers_of(name) + 1, service.scale or 1 do
      spec.name = ("shop-%s-%d"):format(name, n)
      print("started " .. assert(docker.run(spec)).name)
    end
  end)
  return started[name]
end
function up(name, started) return up_once(name, started):join() end

if not docker.networks {name = "shop"}[1] then assert(docker.network_create {name = "shop"}) end
local started = {}
mt.map({"app", "db"}, function(name) assert(up(name, started)) end)
print(("%d containers of the shop run"):format(#containers_of()))

mt.map(containers_of(), function(summary) assert(docker.remove(summary.name, {force = true})) end)
assert(docker.network_remove "shop")
