--- The functions of one engine: arguments are checked here, the calls are rows of data.

local check = require "moontide.core.check"
local filters = require "moontide.docker.filters"

-- The engine needs up to 12 s for a kill after the grace is over.
local KILL_TIME = 15
local DEFAULT_GRACE = 10

local function whole(seconds) return math.ceil(seconds) end

-- Podman takes 0, a kill at once, when no time is given: it always is.
local function grace_query(given)
  local grace = whole(given.timeout or DEFAULT_GRACE)
  return {"t", grace, given.signal and "signal", given.signal}, grace + KILL_TIME
end

-- Calls on one container that only differ in data: options, and what the engine is told of them.
local ON_CONTAINER = {
  start = {},
  stop = {options = {timeout = "duration", signal = "string"}, query = grace_query},
  restart = {options = {timeout = "duration", signal = "string"}, query = grace_query},
  kill = {
    options = {signal = "string|integer"},
    query = function(given) return {"signal", given.signal or "SIGKILL"} end,
  },
  remove = {
    options = {force = "boolean", volumes = "boolean"},
    query = function(given) return {"force", given.force or false, "v", given.volumes or false} end,
  },
  pause = {},
  unpause = {},
  inspect = {},
  stats = {query = function() return {"stream", false} end, as = "stats"},
}

local function on_container(call, name, row)
  local op = "docker." .. name
  return function(id, options)
    check.id(op, "id", id)
    local given = check.options(op, options, row.options or {})
    local query, timeout
    if row.query then query, timeout = row.query(given) end
    return call {op = op, row = name, object = id, query = query, timeout = timeout, as = row.as}
  end
end

local function without_arguments(call, name)
  return function() return call {op = "docker." .. name, row = name} end
end

local LIST = {all = "boolean", label = "table", name = "string", status = "string|table", limit = "integer"}

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

-- A conversation is loaded at its first call: they are most of this room, with all that they need,
-- and a short command holds none.
local function later(make)
  local fn
  return function(...)
    fn = fn or make()
    return fn(...)
  end
end

--- The function table of one engine.
---@param connection fun(): userdata?, moontide.Error? the C connection, when it is first needed
---@return moontide.Docker
local function of(connection)
  local function call(fields)
    local engine, err = connection()
    if not engine then return nil, err end
    return engine:call(fields)
  end
  local docker = {}
  for name, row in pairs(ON_CONTAINER) do docker[name] = on_container(call, name, row) end
  for _, name in ipairs {"ping", "version", "info"} do docker[name] = without_arguments(call, name) end

  --- Containers, newest first, in one call.
  --- all: also those that do not run; label: {key = value, or true for any value}, all must match;
  --- name: exact; status: "running", "exited", ... or a list of them; limit: the newest so many.
  function docker.list(options)
    local given = check.options("docker.list", options, LIST)
    local list, err = call {
      op = "docker.list", row = "list", as = "summaries", query = filters.list_query("docker.list", given),
    }
    if not list then return nil, err end
    return given.name and filters.exactly(list, given.name) or list
  end

  docker.create = later(function() return require("moontide.docker.run").create(connection) end)
  docker.run = later(function() return require("moontide.docker.run").run(connection) end)
  docker.wait_ports = later(function() return require("moontide.docker.wait_ports")(connection) end)
  docker.request = later(function() return require("moontide.docker.request")(call) end)
  return docker
end

return {of = of}
