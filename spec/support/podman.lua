--- A Podman beside the engine of the tests, with its own network and images, by scripts/podman.sh.
---
---   local it = podman.start()
---   engine.value(LABEL, code, it.where)
---   it:stop()

local host = require "spec.support.host"

local podman = {}
podman.__index = podman

--- Up when it returns; one at a time.
---@param ... string the images that it has, those of images.sh; default: web
---@return {host: string, where: {env: table}} where: options for host.script
function podman.start(...)
  local directory = os.getenv("MOONTIDE_ENGINE_DIR"):gsub("[^/]*$", "podman")
  local self = setmetatable({directory = directory}, podman)
  local started = host.shell(("scripts/podman.sh start '%s'"):format(directory))
  if started.code ~= 0 then error(started.err, 2) end
  self.host = started.out:gsub("\n", "")
  self.where = {env = {DOCKER_HOST = self.host}}
  local names = table.concat({...}, " ")
  local built = host.shell("scripts/images.sh build " .. (names == "" and "web" or names), self.where)
  if built.code ~= 0 then error(built.err, 2) end
  return self
end

--- Runs a command of the shell where its published ports answer.
function podman:shell(command)
  return host.shell(("scripts/podman.sh exec '%s' sh -c '%s'"):format(self.directory, command))
end

--- Ends and deletes it, with all its containers.
function podman:stop()
  local removed = host.shell(("scripts/podman.sh rm '%s'"):format(self.directory))
  if removed.code ~= 0 then error(removed.err, 2) end
end

return podman
