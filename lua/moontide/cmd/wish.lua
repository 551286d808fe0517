--- What `ensure` is told of its containers: env, ports and resources; and what becomes of a wish that there
--- is. Checked as a spec is, in the words of the command line. Pure but for the world that is given.

local environment = require "moontide.cmd.environment"
local fields = require "moontide.docker.spec.fields"
local ports = require "moontide.docker.ports"
local process = require "moontide.docker.spec.process"
local resources = require "moontide.docker.spec.resources"
local show = require "moontide.core.show"

local OP = "command line"

-- What a reader of specs says of it; nil: nothing.
local function fault(read, ...)
  local ok, raised = pcall(read, OP, ...)
  if ok then return nil end
  local message = type(raised) == "string" and raised:match("^.-" .. OP .. ": (.*)$")
  if not message then error(raised, 0) end
  return (message:gsub('^option "image" ', "IMAGE "):gsub('^option "(%w+)" ', "--%1 "))
end

--- What is wrong with an image's name; nil: nothing.
---@param image string
---@return string?
local function image_fault(image) return fault(fields.image, "image", image) end

-- The values of files, then those of --env, which win.
local function read_env(options, world)
  local env = {}
  for _, path in ipairs(options.env_file or {}) do
    local text, why = world.read(path)
    if not text then return nil, ("--env-file: %s"):format(why) end
    local ok
    ok, why = environment.add_file(env, path, text, world.getenv)
    if not ok then return nil, why end
  end
  for _, text in ipairs(options.env or {}) do
    local ok, why = environment.add(env, text, world.getenv)
    if not ok then return nil, "--env " .. why end
  end
  local why = fault(process.env, "env", env)
  if why then return nil, why end
  return env
end

-- "80/tcp=8080" as a key and a value of `ports`; or nil and what is wrong.
local function read_port(text)
  local first, second = text:match("^([%d.:%[%]-]+):(%d+)/?%l*$")
  if first then
    return nil, ('-p "%s" is in another order here; write -p %s/tcp=%s'):format(show.short(text), second, first)
  end
  local key, host = text:match("^([^=]*)=(.*)$")
  if host == "" then return nil, ('-p "%s" has no host port; leave out the ='):format(show.short(text)) end
  return key or text, host and (host:find("^%d+$") and math.tointeger(tonumber(host)) or host) or 0
end

local function read_ports(list)
  local map = {}
  for _, text in ipairs(list) do
    local key, value = read_port(text)
    if not key then return nil, value end
    if map[key] then return nil, ("-p %s is there twice"):format(show.short(key)) end
    map[key] = value
  end
  local why = fault(ports.parse, map)
  if why then return nil, "-p: " .. why end
  return map
end

local function read_resources(options)
  local limits = {cpu = options.cpu, memory = options.memory, status = options.status}
  local why = fault(resources.read, nil, limits)
  if why then return nil, why end
  return limits
end

--- What is given of a wish; what is not given is left out.
---@param options table {env, env_file, publish: string[]?, cpu, memory, status: string?}
---@param world {getenv: fun(name: string): string?, read: fun(path: string): string?, string?}
---@return {env: table?, ports: table?, resources: table?}?
---@return string? why
local function read(options, world)
  local given, why = {}
  if options.env or options.env_file then
    given.env, why = read_env(options, world)
    if why then return nil, why end
  end
  if options.publish then
    given.ports, why = read_ports(options.publish)
    if why then return nil, why end
  end
  if options.cpu or options.memory or options.status then
    given.resources, why = read_resources(options)
    if why then return nil, why end
  end
  return given
end

--- The wish with what is given in it: env and ports as a whole, of the resources each by itself.
---@param wish table? as m:desired has it
---@param given table as read gives it
---@return {min_replicas: integer?, max_replicas: integer?, env: table, ports: table, resources: table}
local function merge(wish, given)
  wish = wish or {}
  local limits = {}
  for _, from in ipairs {wish.resources or {}, given.resources or {}} do
    for key, value in next, from do limits[key] = value end
  end
  return {
    min_replicas = wish.min_replicas, max_replicas = wish.max_replicas,
    env = given.env or wish.env or {}, ports = given.ports or wish.ports or {}, resources = limits,
  }
end

--- The counts that are meant when one of them may be left out: it stays, but for a maximum that would be
--- less than the minimum.
---@param wish table? as m:desired has it; nil: 1 and 1
---@param min integer?
---@param max integer?
---@return integer? min
---@return integer|string max or what is wrong
local function range(wish, min, max)
  local kept = wish and wish.min_replicas or 1
  if min and max and max < min then return nil, ("--max %d is less than --min %d"):format(max, min) end
  if not min and max < kept then
    return nil, ("--max %d is less than the minimum, which is %d; give --min too"):format(max, kept)
  end
  min = min or kept
  return min, max or math.max(min, wish and wish.max_replicas or 1)
end

return {read = read, merge = merge, range = range, image_fault = image_fault}
