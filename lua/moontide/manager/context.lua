--- What all methods of a manager share: its engine, whose containers are whose, its turn.

local attempt = require "moontide.act.attempt"
local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local ordered = require "moontide.core.ordered"
local record = require "moontide.record"
local shared = require "moontide.manager.shared"
local wishes = require "moontide.manager.wish"

local IMAGE, OWNER, SPEC, SERVICE = "orchestrator.image", "moontide.owner", "moontide.spec", "moontide.service"
local NEEDED = {"list", "run", "start", "stop", "remove"} -- of an engine
local LOCK_TIMEOUT = 60 -- s that an operation waits for its turn

-- One of the user's may be anything.
local function check_engine(docker)
  for _, name in ipairs(NEEDED) do
    if docker[name] == nil then
      check.fail("manager", 'the engine has no function "%s"; it needs those of mt.docker', name)
    end
  end
end

--- The engine; the factory is asked at the first use.
---@param m moontide.Manager
---@return moontide.Docker?
---@return moontide.Error?
local function engine(m)
  local own = m.own
  if own.checked then return own.engine end
  local made, err = own.engine, nil
  if not made then made, err = own.factory() end
  if type(made) ~= "table" then
    if errors.is(err) then return nil, err end
    return errors.fail("manager", "script", "engine_factory must return an engine, got %s%s", type(made),
      err and ": " .. tostring(err) or "")
  end
  check_engine(made)
  own.engine, own.checked = made, true
  return made
end

--- What the engine is called in the state file.
---@param m moontide.Manager
---@return string?
---@return moontide.Error?
local function key(m)
  if m.own.key then return m.own.key end
  local docker, err = engine(m)
  if not docker then return nil, err end
  local host = "injected"
  if docker.host then host, err = docker.host() end
  if not host then return nil, err end
  m.own.key = host
  record.watch(docker, host)
  return host
end

--- Runs fn alone for that image: also other processes wait, as long as they use the same state file.
---@param m moontide.Manager
---@param op string
---@param image string
---@param fn fun(key: string): any
---@return any ... its results; nil, err when the turn does not come, or there is no engine
local function alone(m, op, image, fn)
  local place, err = key(m)
  if not place then return nil, err end
  return record.exclusive(op, ("%s %s"):format(place, image), LOCK_TIMEOUT, fn, place)
end

-- The containers whose names are in the state file: among those of others, the adopted ones.
local function adopted(m)
  local set = {}
  for _, slot in ipairs(record.slots(key(m)) or {}) do set[slot.container_id] = true end
  return set
end

-- "ours", "foreign", "service" or "unmanaged".
local function standing(m, summary, own)
  local labels = summary.labels
  if not labels[IMAGE] then return "unmanaged" end
  if labels[SERVICE] then return "service" end
  local owner = labels[OWNER]
  if owner == nil then return "ours" end
  if own.owner == nil then own.owner = record.owner {make = false} or false end
  if owner == own.owner then return "ours" end
  own.adopted = own.adopted or adopted(m)
  return own.adopted[summary.container_id] and "ours" or "foreign"
end

--- Whose a container is: "ours", "foreign" (another state file's), "service", "unmanaged".
---@param m moontide.Manager
---@param summary moontide.Summary
---@return string
local function whose(m, summary) return standing(m, summary, {}) end

-- Whether its env, ports or limits are not what is wished now.
local function has_drifted(summary, hashes, all)
  local image, hash = summary.labels[IMAGE], summary.labels[SPEC]
  if not hash or not all[image] then return nil end
  hashes[image] = hashes[image] or wishes.hash_of(all[image])
  return hash ~= hashes[image] or nil
end

local function read_list(m, docker, place, image, which)
  local found, err
  found, err = attempt(docker.list, {all = true, label = {[IMAGE] = image or true}})
  if not found then return nil, err end
  local chosen, own, hashes, all = json.array {}, {}, {}, nil
  for _, summary in ipairs(found) do
    if standing(m, summary, own) == which then
      if summary.labels[SPEC] then
        all = all or record.wishes(place) or {}
        summary.drifted = has_drifted(summary, hashes, all)
      end
      chosen[#chosen + 1] = summary
    end
  end
  return chosen
end

-- Of its own for each of those who share a list.
local function copy_of(summaries)
  local list = json.array {}
  for i, summary in ipairs(summaries) do
    local copy = {}
    for name, value in pairs(summary) do copy[name] = value end
    list[i] = copy
  end
  return list
end

--- The managed containers, in one call of the engine, which those who ask at the same time share.
---@param m moontide.Manager
---@param image string? nil: of every image
---@param which string? "ours" or "foreign"; default: "ours"
---@return moontide.Summary[]?
---@return moontide.Error?
local function list(m, image, which)
  local docker, err = engine(m)
  if not docker then return nil, err end
  local place
  place, err = key(m)
  if not place then return nil, err end
  which = which or "ours"
  local found
  found, err = shared(m.own.waves, ("list %s %s"):format(which, image or ""), function()
    return read_list(m, docker, place, image, which)
  end)
  if not found then return nil, err end
  return copy_of(found)
end

-- By id, its beginning, or name, in what a list has.
local function among(found, name_or_id)
  local by_prefix
  for _, summary in ipairs(found) do
    if summary.container_id == name_or_id or summary.name == name_or_id then return summary end
    if #name_or_id >= 4 and summary.container_id:sub(1, #name_or_id) == name_or_id then by_prefix = summary end
  end
  return by_prefix
end

--- A container, managed or not.
---@param m moontide.Manager
---@param name_or_id string
---@return moontide.Summary? nil without err: there is none
---@return moontide.Error?
local function find(m, name_or_id)
  local docker, err = engine(m)
  if not docker then return nil, err end
  if docker.summary then
    local summary
    summary, err = attempt(docker.summary, name_or_id)
    if summary or err.kind ~= "not_found" then return summary, err end
    return nil
  end
  local found
  found, err = attempt(docker.list, {all = true})
  if not found then return nil, err end
  return among(found, name_or_id)
end

--- The labels of a container of that wish.
---@param wish moontide.Desired
---@return table<string, string>?
---@return moontide.Error?
local function labels(wish)
  local owner, err = record.owner()
  if not owner then return nil, err end
  return {[IMAGE] = wish.image, [OWNER] = owner, [SPEC] = wishes.hash_of(wish)}
end

--- The keys of the ports that were asked for.
---@param wish moontide.Desired
---@return string[]
local function port_keys(wish) return ordered.keys(wish.ports or {}) end

return {
  engine = engine, key = key, alone = alone, list = list, find = find, whose = whose, labels = labels,
  port_keys = port_keys, image_label = IMAGE,
}
