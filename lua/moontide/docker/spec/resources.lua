--- Limits of a container: `resources` of a spec, and what `update` takes; pure.

local check = require "moontide.core.check"
local units = require "moontide.core.units"

local MIN_NANO_CPUS = 10000000
local MIN_MEMORY = 6 * 1024 * 1024

local function is_cpu(value)
  local nano = units.cpu(value)
  if not nano then return false, 'must be CPUs above 0, as 0.5, "500m" or 2' end
  return nano >= MIN_NANO_CPUS, "must be at least 0.01 CPUs, the engine's minimum"
end

local function is_memory(value)
  local bytes = units.memory(value)
  if not bytes then return false, 'must be memory above 0, as "256m", "1.5g" or bytes' end
  return bytes >= MIN_MEMORY, 'must be at least "6m", the engine\'s minimum'
end

local function is_pids(value)
  local count = type(value) == "number" and math.tointeger(value)
  return count and (count >= 1 or count == -1), "must be a whole number above 0, or -1 for no limit"
end

local function is_status(value)
  return value == "running" or value == "stopped", 'must be "running" or "stopped"'
end

local SCHEMA = {cpu = is_cpu, memory = is_memory, pids = is_pids, status = is_status}

--- Raises when a limit cannot be read, or is less than any engine takes.
---@param op string the function as the caller knows it
---@param option string? where the limits stand: "resources"; nil: they are options themselves
---@param value {cpu: number|string|nil, memory: number|string|nil, pids: integer?, status: string?}?
---@return {cpu: integer?, memory: integer?, pids: integer?, status: string?} resources nanocpus, bytes
local function read(op, option, value)
  local given = check.options(op, value, SCHEMA, {path = option})
  return {
    cpu = units.cpu(given.cpu), memory = units.memory(given.memory),
    pids = math.tointeger(given.pids), status = given.status,
  }
end

return {read = read}
