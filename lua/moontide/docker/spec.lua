--- A spec, as people write it, into the body of the engine's POST /containers/create; pure.

local check = require "moontide.core.check"
local fields = require "moontide.docker.spec.fields"
local health = require "moontide.docker.spec.health"
local networks = require "moontide.docker.spec.networks"
local ports = require "moontide.docker.ports"
local process = require "moontide.docker.spec.process"
local resources = require "moontide.docker.spec.resources"
local volumes = require "moontide.docker.spec.volumes"

local function published(op, _, value) return ports.parse(op, value) end

-- What goes to the engine as it is must still be an object in JSON.
local function raw(op, option, value)
  for key in next, value do
    if type(key) ~= "string" then check.refuse(op, option, "must be {Name = value, ...}, as the engine has it") end
  end
  return value
end

local function is_pull(value)
  return value == "missing" or value == "always" or value == "never", 'must be "missing", "always" or "never"'
end

-- What an option is, who reads it, and where the result goes in the engine's body: one place, or a
-- place for each of several results. Options without a place concern the caller of `compile`.
local ROWS = {
  {"image", "string", fields.image, "Image"},
  {"name", "string", fields.name},
  {"command", "string|table", process.words, "Cmd"},
  {"entrypoint", "string|table", process.entrypoint, "Entrypoint"},
  {"env", "table", process.env, "Env"},
  {"labels", "table", fields.labels, "Labels"},
  {"user", "string|integer", process.user, "User"},
  {"workdir", "string", process.workdir, "WorkingDir"},
  {"healthcheck", "table|boolean|string", health.read, "Healthcheck"},
  {"stop_signal", "string|integer", fields.signal, "StopSignal"},
  {"stop_timeout", "duration", fields.whole_seconds, "StopTimeout"},
  {"ports", "table", published, {exposed = "ExposedPorts", bindings = "HostConfig.PortBindings"}},
  {"resources", "table", resources.read,
    {cpu = "HostConfig.NanoCpus", memory = "HostConfig.Memory", pids = "HostConfig.PidsLimit"}},
  {"networks", "table", networks.read, {first = "HostConfig.NetworkMode"}},
  {"volumes", "table", volumes.read, "HostConfig.Binds"},
  {"init", "boolean", nil, "HostConfig.Init"},
  {"extra_hosts", "table", fields.extra_hosts, "HostConfig.ExtraHosts"},
  {"log", "table", fields.log, "HostConfig.LogConfig"},
  {"restart", "string", fields.restart, "HostConfig.RestartPolicy"},
  {"pull", is_pull},
  {"host_config", "table", raw},
}

-- stop_timeout is always sent: Podman takes 0, which is SIGKILL at once, when it is not.
local DEFAULTS = {restart = "unless-stopped", stop_timeout = 10}

local SCHEMA = {}
for _, row in ipairs(ROWS) do SCHEMA[row[1]] = row[2] end

local RULES = {required = {"image"}}

local function put(body, place, value)
  local key = place:match("^HostConfig%.(.*)$")
  if key then body.HostConfig[key] = value else body[place] = value end
end

local function place_result(body, where, result)
  if type(where) == "string" then return put(body, where, result) end
  for key, place in pairs(where or {}) do put(body, place, result[key]) end
end

-- An engine ignores such ports with a warning, or refuses them in words about its inside.
local function check_published(op, results)
  local joined = results.networks
  if joined and joined.exclusive and results.ports and next(results.ports.bindings) then
    check.fail(op, 'ports cannot be published on network "%s"; leave out ports or networks', joined.first)
  end
end

---@class moontide.Spec
---@field image string
---@field name string?
---@field command string|string[]? text is split into words as a shell does, without expansions
---@field entrypoint string|string[]? as command; "" clears the image's
---@field env table<string, string|number|boolean>?
---@field labels table<string, string>?
---@field ports table<string, integer|string|userdata>? see moontide.docker.ports
---@field resources {cpu: number|string|nil, memory: number|string|nil, pids: integer?, status: string?}?
---@field volumes string[]|table<string, string>? "source:target[:mode]", or {[source] = "target[:mode]"}
---@field networks string[]?
---@field user string|integer?
---@field workdir string?
---@field init boolean?
---@field extra_hosts string[]|table<string, string>? "name:address", or {name = address}
---@field healthcheck table|false|"none"|nil {command, test, interval, timeout, retries, start_period}
---@field log {driver: string, options: table?}?
---@field stop_signal string|integer?
---@field stop_timeout number|string? default: 10 s; rounded up to seconds
---@field restart string? "no", "always", "on-failure[:n]"; default: "unless-stopped"
---@field pull "missing"|"always"|"never"|nil the caller's business
---@field host_config table? laid over the engine's HostConfig last, key by key, unchecked

--- Raises what the caller got wrong; asks no engine.
---@param op string the function as the caller knows it: "docker.run"
---@param spec moontide.Spec
---@return string? name
---@return table body of POST /containers/create
---@return string[] networks to connect between create and start
local function compile(op, spec)
  local given = check.options(op, spec, SCHEMA, RULES)
  local body, results = {HostConfig = {}}, {}
  for _, row in ipairs(ROWS) do
    local key, _, read, where = table.unpack(row, 1, 4)
    local value = given[key]
    if value == nil then value = DEFAULTS[key] end
    if value ~= nil then
      if read then value = read(op, key, value) end
      results[key] = value
      place_result(body, where, value)
    end
  end
  check_published(op, results)
  for key, value in pairs(results.host_config or {}) do body.HostConfig[key] = value end
  return results.name, body, results.networks and results.networks.later or {}
end

return {compile = compile}
