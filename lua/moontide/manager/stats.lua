--- A container's figures, and what is free on its file system.

local process = require "moontide.c.process"
local shared = require "moontide.manager.shared"
local task = require "moontide.c.task"

-- Drivers whose containers write to directories of the engine's own file system: what is free there is free to them.
local ON_ROOT = {overlay2 = true, overlay = true, ["fuse-overlayfs"] = true, vfs = true, aufs = true}

-- Of "df -Pk /": the line below the header has 1024-blocks, used, available, capacity, mount point.
local function free_bytes(text)
  local available = text:match("\n%S+%s+%d+%s+%d+%s+(%d+)%s+%d+%%")
  return available and math.tointeger(tonumber(available)) * 1024 or nil
end

-- The directory of an engine that is on this very machine; false: it is not, or keeps its containers otherwise.
local function root_of(docker)
  local host = docker.host and docker.host()
  if not host or not host:find("^unix://") then return false end
  local info = docker.info()
  local here = info and info.Name == process.hostname() and ON_ROOT[info.Driver]
  return here and info.DockerRootDir and process.disk(info.DockerRootDir) and info.DockerRootDir or false
end

-- Elsewhere only a program inside sees the container's file system; an image may have none that tells.
local function ask_inside(docker, id)
  local reply = docker.exec and docker.exec(id, {"df", "-Pk", "/"}, {timeout = 5})
  return reply and reply.exit_code == 0 and free_bytes(reply.stdout) or nil
end

local function read_free(own, docker, id)
  if own.root == nil then own.root = shared(own.waves, "root", function() return root_of(docker) end) end
  if own.root then return (process.disk(own.root)) end
  return ask_inside(docker, id)
end

--- What container_stats returns, but for why there is no container, which is find's.
---@param own table what the manager keeps
---@param docker moontide.Docker
---@param name_or_id string
---@param find fun(): moontide.Summary?, table?
---@return table? nil, failure
---@return table?
local function read(own, docker, name_or_id, find)
  local group <close> = task.group()
  -- The engine's samples take a second or two, in which the look-up has room; it finds the same container.
  local sampling = docker.summary and group:spawn(docker.stats, name_or_id)
  local summary, failed = find()
  if not summary then return nil, failed end
  local result = {ok = true, status = summary.status}
  result.server_alive = summary.status == "running" and summary.health ~= "unhealthy"
  if summary.status ~= "running" then return result end
  sampling = sampling or group:spawn(docker.stats, summary.container_id)
  result.fs_free_bytes = read_free(own, docker, summary.container_id)
  local ok, figures = sampling:join()
  if not ok then sampling:raise() end
  for _, name in ipairs {"cpu_percent", "mem_usage", "mem_limit", "mem_percent"} do
    result[name] = figures and figures[name]
  end
  return result
end

return read
