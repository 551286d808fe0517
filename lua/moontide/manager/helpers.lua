--- What the manager's callers may want, too; pure.

local check = require "moontide.core.check"
local json = require "moontide.c.json"
local ready = require("moontide.docker.wait_ports").ready
local units = require "moontide.core.units"

local function check_table(name, argument, value)
  if value == nil or type(value) == "table" then return end
  check.fail("manager." .. name, 'argument "%s" must be a table, got %s', argument, type(value))
end

--- CPUs as the engine counts them.
---@param value any "0.5", "500m", 1; trimmed, any case
---@return integer? nanocpus nil for 0, less, nil and what cannot be read
local function cpu_to_nano_cpus(value) return units.cpu(value) end

--- Ports as they are asked for: 0 is mt.json.null, the engine's choice.
---@param ports table<string, any>?
---@return table<string, any>? ports nil when there are none
local function normalize_ports(ports)
  check_table("normalize_ports", "ports", ports)
  if ports == nil or next(ports) == nil then return nil end
  local normal = {}
  for key, value in pairs(ports) do
    if value == 0 or value == "0" or value == "" then value = json.null end
    normal[key] = value
  end
  return normal
end

--- Whether every key has a binding; without keys, whether any has. No ports: false.
---@param ports table<string, table[]>?
---@param keys string[]?
---@return boolean
local function ports_ready(ports, keys)
  check_table("ports_ready", "ports", ports)
  check_table("ports_ready", "keys", keys)
  return ready(ports, keys)
end

return {cpu_to_nano_cpus = cpu_to_nano_cpus, normalize_ports = normalize_ports, ports_ready = ports_ready}
