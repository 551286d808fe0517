--- The functions of one engine. What makes them is loaded at the first call: most of this room, and a
--- short command needs little of it.

local log = require "moontide.core.log"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"

-- Which file of this room makes which functions, as rows (see operation.lua) or as makers.
local FILES = {
  system = "ping version info host",
  containers = "list start stop restart kill rename pause unpause inspect summary",
  remove = "remove",
  run = "create run",
  stats = "stats",
  logs = "logs",
  events = "events",
  pull = "pull",
  update = "update",
  wait = "wait",
  wait_ports = "wait_ports",
  exec = "exec",
  copy = "copy_to copy_from",
  images = "images image remove_image tag",
  networks = "networks network network_create network_remove network_connect network_disconnect",
  volumes = "volumes volume volume_create volume_remove",
  prune = "prune",
  request = "request",
}

-- A row becomes a function here; what is more than one call makes its own.
local function make(connection, file, name)
  local made = require("moontide.docker." .. file)[name]
  if type(made) == "function" then return made(connection) end
  return require("moontide.docker.operation").of(connection, name, made)
end

local function later(connection, file, name)
  local fn
  return function(...)
    fn = fn or make(connection, file, name)
    return fn(...)
  end
end

-- Negotiation is silent: what came of it is a debug message, once, and again when it has changed.
local function telling(connection)
  local told
  return function()
    local engine, err = connection()
    if engine and log.shows "debug" then
      if not told then engine:call {op = "docker.version", row = "version"} end
      local version = engine:version()
      if version ~= "" and version ~= told then
        log.debug("docker: %s is spoken to with API version %s", engine:host(), version)
        told = version
      end
    end
    return engine, err
  end
end

-- A misspelled function is named where it is written, not as a call of a nil value.
local function unknown(docker, name)
  error(("docker has no function %q%s"):format(tostring(name), near.hint(name, ordered.keys(docker))), 2)
end

--- The function table of one engine; to ask it for another name raises.
---@param connection fun(): userdata?, moontide.Error? the C connection, when it is first needed
---@return moontide.Docker
local function of(connection)
  local docker = {}
  connection = telling(connection)
  for file, names in pairs(FILES) do
    for name in names:gmatch("%S+") do docker[name] = later(connection, file, name) end
  end
  return setmetatable(docker, {__index = unknown})
end

return {of = of}
