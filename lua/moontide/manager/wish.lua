--- The desired state of an image: read, completed, and told from another by a hash; pure.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local spec = require "moontide.docker.spec"

local MAX_REPLICAS = 1000

---@class moontide.Desired
---@field image string
---@field min_replicas integer
---@field max_replicas integer
---@field env table<string, string|number|boolean>
---@field ports table<string, integer|string|userdata>
---@field resources {cpu: number|string|nil, memory: number|string|nil, status: string?}

local SPEC_KEYS = {env = "table", ports = "table", resources = "table"}
local KEYS = {min_replicas = "number", max_replicas = "number", env = "table", ports = "table", resources = "table"}

local function count_of(op, key, value)
  local count = math.tointeger(value)
  if not count or count < 0 or count > MAX_REPLICAS then
    check.refuse(op, key, "must be a whole number from 0 to %d, got %s", MAX_REPLICAS, show.value(value))
  end
  return count
end

--- The numbers of replicas: default min 1, max the larger of 1 and min.
---@param op string
---@param given {min_replicas: number?, max_replicas: number?}
---@param known {min_replicas: integer, max_replicas: integer}? kept where nothing is given
---@return integer min
---@return integer max
local function counts(op, given, known)
  local min = given.min_replicas and count_of(op, "min_replicas", given.min_replicas)
  local max = given.max_replicas and count_of(op, "max_replicas", given.max_replicas)
  if min and max and min > max then
    check.refuse(op, "min_replicas", "is %d, more than max_replicas, %d; exchange them", min, max)
  end
  local low = min or known and known.min_replicas or 1
  local high = max or known and known.max_replicas or math.max(1, low)
  if low > high then
    if min then high = low else low = high end
  end
  return low, high
end

-- What cannot be in a container's spec raises here, before anything is made.
local function checked_spec(op, image, given)
  local wish = {image = image, env = given.env or {}, ports = given.ports or {}, resources = given.resources or {}}
  spec.compile(op, {image = image, env = wish.env, ports = wish.ports, resources = wish.resources})
  return wish
end

--- A whole record.
---@param op string
---@param image string
---@param options table? min_replicas, max_replicas, env, ports, resources; what is missing is empty
---@return moontide.Desired
local function read(op, image, options)
  check.string(op, "image", image)
  local given = check.options(op, options, KEYS)
  local wish = checked_spec(op, image, given)
  wish.min_replicas, wish.max_replicas = counts(op, given)
  return wish
end

--- What one container is to be: env, ports, resources.
---@param op string
---@param image string
---@param options table?
---@return moontide.Desired wish without numbers of replicas
local function read_spec(op, image, options)
  check.string(op, "image", image)
  return checked_spec(op, image, check.options(op, options, SPEC_KEYS))
end

--- The record with other numbers of replicas.
---@param op string
---@param wish moontide.Desired
---@param options {min_replicas: number?, max_replicas: number?}?
---@return moontide.Desired
local function scaled(op, wish, options)
  local given = check.options(op, options, {min_replicas = "number", max_replicas = "number"})
  local min, max = counts(op, given, wish)
  return {
    image = wish.image, env = wish.env, ports = wish.ports, resources = wish.resources,
    min_replicas = min, max_replicas = max,
  }
end

local function canonical(value)
  if type(value) ~= "table" then return type(value) == "userdata" and "null" or tostring(value) end
  local parts = {}
  for key, item in ordered.pairs(value) do parts[#parts + 1] = ("%s=%s"):format(key, canonical(item)) end
  return "{" .. table.concat(parts, "\0") .. "}"
end

-- FNV-1a of 64 bits: it tells changes, and keeps no secret, which the container's own env does not either.
local function fnv(text)
  local hash = 0xcbf29ce484222325
  for i = 1, #text do hash = (hash ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(hash)
end

--- What a container of this wish is labelled with: another env, port or limit gives another text.
---@param wish moontide.Desired
---@return string hash 16 hex digits
local function hash_of(wish)
  local _, body = spec.compile("hash", {
    image = wish.image, env = wish.env, ports = wish.ports, resources = wish.resources,
  })
  local env = {table.unpack(body.Env or {})}
  table.sort(env)
  local limits = body.HostConfig
  return fnv(canonical {
    env, limits.PortBindings or {}, limits.NanoCpus or 0, limits.Memory or 0, limits.PidsLimit or 0,
  })
end

return {read = read, read_spec = read_spec, scaled = scaled, hash_of = hash_of}
