-- logs: what a container writes, followed until it has ended; errors are marked
local NAME = "moontide-example-logs"
assert(mt.docker.remove(NAME, {force = true}))

local id = assert(mt.docker.run {
  image = "moontide/web", name = NAME, restart = "no",
  command = {"sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done; echo oh no >&2"},
}).container_id
-- However this script ends, a task of its own cleans up.
local _ <close> = setmetatable({}, {__close = function() mt.spawn(mt.docker.remove, id, {force = true}) end})

local count = 0
for line, source in assert(mt.docker.logs(id, {follow = true})) do
  print((source == "stderr" and "error: " or "       ") .. line)
  count = count + 1
end
print(("%d lines, exit code %d"):format(count, mt.docker.wait(id)))
