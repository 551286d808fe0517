-- two_engines: what runs on several engines, asked side by side (arguments: their hosts)
local hosts = {...}
if #hosts == 0 then hosts = {os.getenv("DOCKER_HOST") or "unix:///var/run/docker.sock", "unix:///nosuch.sock"} end

local rows = mt.map(hosts, function(host)
  local engine, list, err
  engine, err = mt.docker.connect {host = host, timeout = "5s"}
  if engine then list, err = engine.list() end
  if not list then return {host = host, containers = "-", state = err.kind} end
  return {host = host, containers = #list, state = "answers"}
end)

io.write(mt.text.table(rows, {{key = "host"}, {key = "state"}, {key = "containers", right = true}}))
