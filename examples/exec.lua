-- exec: programs run in a container: output, exit code, input, environment
local id = assert(mt.docker.run {image = "moontide/web"}).container_id
-- However this script ends, a task of its own cleans up.
local _ <close> = setmetatable({}, {__close = function() mt.spawn(mt.docker.remove, id, {force = true}) end})

local whoami = assert(mt.docker.exec(id, {"id", "-u"}))
print(("uid %s, exit code %d"):format(whoami.stdout:match("%d+"), whoami.exit_code))

local greeting = assert(mt.docker.exec(id, 'echo "hello, $WHO"', {env = {WHO = "moon"}}))
io.write(greeting.stdout)

local echoed = assert(mt.docker.exec(id, {"cat"}, {stdin = "moon, tide"}))
print(echoed.stdout)

local failed = assert(mt.docker.exec(id, "ls /nosuch; exit 3"))
print(("exit code %d: %s"):format(failed.exit_code, failed.stderr:match("[^\n]*")))
