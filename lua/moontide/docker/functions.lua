--- The functions of one engine. What makes them is loaded at the first call: most of this room, and a
--- short command needs little of it.

-- Which file of this room makes which functions, as rows (see operation.lua) or as makers.
local FILES = {
  system = "ping version info",
  containers = "list start stop restart kill rename pause unpause inspect",
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

---@class moontide.Docker
---@field ping fun(): {ApiVersion: string?, OSType: string?, Server: string?}?, moontide.Error?
---@field version fun(): table?, moontide.Error?
---@field info fun(): table?, moontide.Error?
---@field list fun(options: table?): moontide.Summary[]?, moontide.Error?
---@field inspect fun(id: string): table?, moontide.Error?
---@field create fun(spec: moontide.Spec): string?, moontide.Error?
---@field run fun(spec: moontide.Spec): moontide.Summary?, moontide.Error?
---@field start fun(id: string): true?, moontide.Error?
---@field stop fun(id: string, options: {timeout: number|string|nil, signal: string?}?): true?, moontide.Error?
---@field restart fun(id: string, options: {timeout: number|string|nil, signal: string?}?): true?, moontide.Error?
---@field kill fun(id: string, options: {signal: string|integer|nil}?): true?, moontide.Error?
---@field pause fun(id: string): true?, moontide.Error?
---@field unpause fun(id: string): true?, moontide.Error?
---@field remove fun(id: string, options: {force: boolean?, volumes: boolean?}?): true?, moontide.Error?
---@field stats fun(id: string): moontide.Stats?, moontide.Error?
---@field wait_ports fun(id: string, keys: string[]?, options: table?): table?, moontide.Error?
---@field request fun(method: string, path: string, options: table?): integer?, any

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

--- The function table of one engine.
---@param connection fun(): userdata?, moontide.Error? the C connection, when it is first needed
---@return moontide.Docker
local function of(connection)
  local docker = {}
  for file, names in pairs(FILES) do
    for name in names:gmatch("%S+") do docker[name] = later(connection, file, name) end
  end
  return docker
end

return {of = of}
