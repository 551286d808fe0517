--- docker.wait_ports: until a container's ports are bound on the host.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local task = require "moontide.c.task"

local OPTIONS = {timeout = "duration", interval = "duration", probe = "string"}

--- Every key has a binding; without keys any binding will do; no ports: false. Pure.
---@param ports table<string, table[]>?
---@param keys string[]?
---@return boolean
local function ready(ports, keys)
  if not ports or not next(ports) then return false end
  for _, key in ipairs(keys or {}) do
    if not (ports[key] and ports[key][1]) then return false end
  end
  return true
end

local function check_keys(op, keys)
  if keys == nil then return {} end
  if type(keys) ~= "table" then check.fail(op, 'argument "keys" must be a list such as {"80/tcp"}') end
  for _, key in ipairs(keys) do
    if type(key) ~= "string" or not key:find("^%d+/%l+$") then
      check.fail(op, 'argument "keys": %s is no port; write "80/tcp"', tostring(key))
    end
  end
  return keys
end

local function missing(op, id, keys, ports, timeout)
  local absent = {}
  for _, key in ipairs(keys) do
    if not (ports and ports[key]) then absent[#absent + 1] = key end
  end
  return errors.fail(op, "timeout", 'container "%s": %s not bound within %g s; publish it with ports, and look '
    .. "at the container's logs", id, #absent > 0 and table.concat(absent, ", ") or "no port is", timeout)
end

--- docker.wait_ports(id, keys, {timeout = 5, interval = 0.1, probe = "bound"}) -> ports
--- probe "bound": best effort, returns what is bound at the end of the time.
--- probe "strict": nil, err when a port is not bound in time.
local function wait_ports(call)
  local op = "docker.wait_ports"
  return function(id, keys, options)
    check.id(op, "id", id)
    keys = check_keys(op, keys)
    local given = check.options(op, options, OPTIONS)
    local timeout, interval, strict = given.timeout or 5, given.interval or 0.1, given.probe == "tcp"
    if given.probe and given.probe ~= "bound" and not strict then
      check.fail(op, 'option "probe" must be "bound" or "tcp", got "%s"', given.probe)
    end
    local deadline = task.monotonic() + timeout
    while true do
      local summary, err = call {op = op, row = "inspect", object = id, as = "summary"}
      if not summary then return nil, err end
      if ready(summary.ports, keys) then return summary.ports end
      if task.monotonic() + interval > deadline then
        if strict then return missing(op, id, keys, summary.ports, timeout) end
        return summary.ports
      end
      task.sleep(interval)
    end
  end
end

return wait_ports
