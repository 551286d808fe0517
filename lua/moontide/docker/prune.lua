--- docker.prune: what nothing uses goes. What that means differs between engines for volumes alone.

local check = require "moontide.core.check"
local filters = require "moontide.docker.filters"
local json = require "moontide.c.json"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"

local OP = "docker.prune"

-- What can be asked for, and where the engine's reply has what is gone.
local KINDS = {
  containers = {options = {label = "table", older = "duration"}, deleted = "ContainersDeleted"},
  images = {options = {label = "table", older = "duration", all = "boolean"}, deleted = "ImagesDeleted"},
  networks = {options = {label = "table", older = "duration"}, deleted = "NetworksDeleted"},
  volumes = {options = {label = "table", all = "boolean"}, deleted = "VolumesDeleted"},
}

-- Since API 1.42 a prune of volumes leaves those that have a name of their own; before, and on Podman,
-- it takes them all.
local function spares_named(engine)
  local major, minor = engine:version():match("^(%d+)%.(%d+)$")
  return tonumber(major) > 1 or tonumber(minor) >= 42
end

-- Images are told of one by one, with the names that they lose; what is gone has an id.
local function ids(list)
  local result = json.array {}
  for _, item in ipairs(list or {}) do
    result[#result + 1] = type(item) == "table" and item.Deleted or type(item) == "string" and item or nil
  end
  return result
end

local function ask(engine, what, map)
  local reply, err = engine:call {op = OP, row = "prune", object = what, query = filters.query(map)}
  if not reply then return nil, err end
  return {deleted = ids(reply[KINDS[what].deleted]), space = reply.SpaceReclaimed or 0}
end

-- An engine gives a volume that is made without a name 64 hexadecimal digits for one.
local function is_anonymous(volume) return #volume.Name == 64 and not volume.Name:find("%X") end

-- One by one, as the engine cannot be asked to spare the others. How much space they took it only tells
-- after walking through all of them: it is left out.
local function anonymous_volumes(engine, given, map)
  map.dangling = json.array {"true"}
  local list, err = engine:call {op = OP, row = "volumes", query = filters.query(map)}
  if not list then return nil, err end
  local deleted = json.array {}
  for _, volume in ipairs(filters.labelled(list.Volumes or {}, given.label)) do
    if is_anonymous(volume) then
      local removed
      removed, err = engine:call {op = OP, row = "volume_remove", object = volume.Name}
      if removed then
        deleted[#deleted + 1] = volume.Name
      elseif err.kind ~= "conflict" then -- a container has taken it since
        return nil, err
      end
    end
  end
  return {deleted = deleted}
end

local function volumes(engine, given, map)
  if engine:version() == "" then
    local version, err = engine:call {op = OP, row = "version"}
    if not version then return nil, err end
  end
  if not spares_named(engine) then
    return given.all and ask(engine, "volumes", map) or anonymous_volumes(engine, given, map)
  end
  if given.all then map.all = json.array {"true"} end
  return ask(engine, "volumes", map)
end

--- docker.prune(what, {label=, older=, all=}) -> {deleted = list of ids or names, space = bytes}
--- what: "containers" that do not run, "images", "networks" and "volumes" that no container has.
--- label: {key = value, or true for any value}; older: a duration since they were made, not for volumes;
--- all: images with a name, too; volumes with a name of their own, too. space is absent where the engine
--- cannot tell. An engine that prunes already: err of kind conflict, next = "wait".
---@param connection fun(): userdata?, moontide.Error?
local function prune(connection)
  return function(what, options)
    check.string(OP, "what", what)
    local kind = KINDS[what]
    if not kind then
      check.fail(OP, 'argument "what": unknown "%s"%s', what, near.hint(what, ordered.keys(KINDS)))
    end
    local given = check.options(OP, options, kind.options)
    local engine, err = connection()
    if not engine then return nil, err end
    local map = {label = given.label and filters.label_filters(OP, given.label)}
    if given.older then map["until"] = json.array {("%.9fs"):format(given.older)} end
    if what == "volumes" then return volumes(engine, given, map) end
    if what == "images" then map.dangling = json.array {tostring(not given.all)} end
    return ask(engine, what, map)
  end
end

return {prune = prune}
