--- A container's figures, and what is free on its file system.

local tasks = require "moontide.core.tasks"

-- Of "df -Pk /": the line below the header has 1024-blocks, used, available, capacity, mount point.
local function free_bytes(text)
  local available = text:match("\n%S+%s+%d+%s+%d+%s+(%d+)%s+%d+%%")
  return available and math.tointeger(tonumber(available)) * 1024 or nil
end

-- Only a program inside sees the container's own file system; an image may have none that tells.
local function read_free(docker, id)
  local reply = docker.exec(id, {"df", "-Pk", "/"}, {timeout = 5})
  return reply and reply.exit_code == 0 and free_bytes(reply.stdout) or nil
end

--- What container_stats returns for a container that is there.
---@param docker moontide.Docker
---@param summary moontide.Summary
---@return table
local function read(docker, summary)
  local result = {ok = true, status = summary.status}
  result.server_alive = summary.status == "running" and summary.health ~= "unhealthy"
  if summary.status ~= "running" then return result end
  local figures
  tasks.all {
    function() figures = docker.stats(summary.container_id) end,
    function() result.fs_free_bytes = read_free(docker, summary.container_id) end,
  }
  for _, name in ipairs {"cpu_percent", "mem_usage", "mem_limit", "mem_percent"} do
    result[name] = figures and figures[name]
  end
  return result
end

return read
