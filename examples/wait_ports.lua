-- wait_ports: a web server on a port that the engine chooses, asked as soon as it accepts
local web = assert(mt.docker.run {image = "moontide/web", ports = {["80/tcp"] = 0}})
local id = web.container_id
-- However this script ends, a task of its own cleans up.
local _ <close> = setmetatable({}, {__close = function() mt.spawn(mt.docker.remove, id, {force = true}) end})

local ports = assert(mt.docker.wait_ports(id, {"80/tcp"}, {timeout = "10s", probe = "tcp"}))
local url = ("http://127.0.0.1:%s/"):format(ports["80/tcp"][1].HostPort)

local function get() -- the engine's proxy accepts before the server in the container does
  return mt.http.get(url) or mt.sleep("50ms") or get()
end
local reply = assert(mt.timeout("10s", get))
print(("%d: %d bytes"):format(reply.status, #reply.body))
