--- docker.wait_ports: until a container's ports are bound on the host, and accept.

local check = require "moontide.core.check"
local dial = require("moontide.docker.dial").dial
local errors = require "moontide.core.errors"
local ordered = require "moontide.core.ordered"
local task = require "moontide.c.task"

local OPTIONS = {timeout = "duration", interval = "duration", probe = "string"}
local OP = "docker.wait_ports"

local ONCE = 5 -- s for the only look of a timeout of 0

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

local function check_keys(keys)
  if keys == nil then return {} end
  if type(keys) ~= "table" or #keys == 0 and next(keys) ~= nil then
    check.fail(OP, 'argument "keys" must be a list such as {"80/tcp"}')
  end
  for _, key in ipairs(keys) do
    if type(key) ~= "string" or not key:find("^%d+/%l+$") then
      check.fail(OP, 'argument "keys": %s is no port; write "80/tcp"', tostring(key))
    end
  end
  return keys
end

local function read_options(options)
  local given = check.options(OP, options, OPTIONS)
  local probe = given.probe or "bound"
  if probe ~= "bound" and probe ~= "tcp" then
    check.fail(OP, 'option "probe" must be "bound" or "tcp", got "%s"%s', probe,
      probe:lower() ~= probe and (' (did you mean "%s"?)'):format(probe:lower()) or "")
  end
  if given.interval == 0 then check.fail(OP, 'option "interval" must be more than 0') end
  return given.timeout or 5, given.interval or 0.1, probe == "tcp"
end

local function absent(keys, ports)
  local list = {}
  for _, key in ipairs(keys) do
    if not (ports and ports[key]) then list[#list + 1] = key end
  end
  if #list == 0 then return "no port is" end
  return table.concat(list, ", ") .. (#list == 1 and " is" or " are")
end

-- The first TCP port that does not accept, as text; nil when all do. An engine may give a port two
-- bindings, one for IPv4 and one for IPv6: the first is it.
local function silent(engine, ports, keys, deadline)
  for _, key in ipairs(#keys > 0 and keys or ordered.keys(ports)) do
    if key:find("/tcp$") then
      local left = math.max(0.001, deadline - task.monotonic())
      local ok, err = dial(OP, engine:host(), ports[key][1], left)
      if not ok then return ("%s does not accept: %s"):format(key, err.message) end
    end
  end
end

-- What is missing yet, as a sentence; nil when it is all there. And the ports, or nil, err.
local function look(engine, id, keys, deadline, tcp)
  local summary, err = engine:call {
    op = OP, row = "inspect", object = id, as = "summary", timeout = math.max(0.001, deadline - task.monotonic()),
  }
  if not summary then return nil, nil, err end
  local ports = summary.ports
  if not ready(ports, keys) then
    return ("%s not bound (it is %s); publish it with ports, and look at the container's logs"):format(
      absent(keys, ports), summary.status), ports
  end
  return tcp and silent(engine, ports, keys, deadline) or nil, ports
end

--- docker.wait_ports(id, keys, {timeout = 5, interval = 0.1, probe = "bound"}) -> ports
--- keys: {"80/tcp", ...}, each of which must be bound; default: any port will do.
--- timeout: 0 looks once.
--- probe "bound": best effort, returns what is bound at the end of the time.
--- probe "tcp": also connects to each of the TCP ports; nil, err (timeout) unless all are bound and
---   accept in time. On the engine's own machine docker's proxy accepts before the program in the
---   container listens: whether that is ready only its health check tells.
---@param connection fun(): userdata?, moontide.Error?
local function wait_ports(connection)
  return function(id, keys, options)
    check.id(OP, "id", id)
    keys = check_keys(keys)
    local timeout, interval, tcp = read_options(options)
    local engine, err = connection()
    if not engine then return nil, err end
    local deadline = task.monotonic() + timeout
    local reply_by = timeout == 0 and deadline + ONCE or deadline
    local missing, ports
    while true do
      local now_missing, now_bound, failed = look(engine, id, keys, reply_by, tcp)
      -- A look that our own deadline cut short tells less than the one before.
      if failed and not (missing and failed.kind == "timeout") then return nil, failed end
      if not failed then missing, ports = now_missing, now_bound end
      if not missing then return ports end
      if failed or task.monotonic() + interval > deadline then
        if not tcp then return ports end
        return errors.fail(OP, "timeout", 'container "%s": within %g s %s', id, timeout, missing)
      end
      task.sleep(interval)
    end
  end
end

return {wait_ports = wait_ports, ready = ready}
