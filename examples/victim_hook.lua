-- victim_hook: who goes when there are too many: those that are least busy, and not the oldest
local docker = mt.docker

-- victim(running, count) returns the `count` containers that are to go.
local function least_busy(running, count)
  local cpu = {}
  mt.map(running, function(summary)
    local figures = docker.stats(summary.container_id)
    cpu[summary.name] = figures and figures.cpu_percent or 0
  end)
  table.sort(running, function(a, b) return cpu[a.name] < cpu[b.name] end)
  return table.move(running, 1, count, 1, {})
end

local m = mt.manager {victim = least_busy, stop_timeout = 1}
local made = m:scale("moontide/web", {min_replicas = 3, max_replicas = 3})
local busy = assert(made.current[1], made.error).name
mt.spawn(docker.exec, busy, "timeout 6 sh -c 'while :; do :; done'")
mt.sleep("500ms")
local left = m:scale("moontide/web", {min_replicas = 1, max_replicas = 1}).current[1].name
print(left == busy and "the busy one stays" or "the busy one has gone")
assert(m:scale("moontide/web", {min_replicas = 0, max_replicas = 0}).ok)
assert(m:forget("moontide/web"))
