--- Which events a caller wants: what the engine is asked for, and what is checked here; pure. Podman does
--- not know all filters, and knows events by other names.

local check = require "moontide.core.check"
local json = require "moontide.c.json"
local label_filters = require("moontide.docker.filters").label_filters
local ordered = require "moontide.core.ordered"

local OP = "docker.events"

local function starts(text, prefix) return text ~= nil and text:sub(1, #prefix) == prefix end

local function without_tag(name) return (name:gsub(":[^:/]*$", "")) end

-- As the engine does: the beginning of an id or a name will do.
local function actor(kind)
  return function(event, value)
    return event.type == kind and (starts(event.id, value) or starts(event.name, value))
  end
end

local function is_image(event, value)
  local name = event.type == "image" and event.name or event.image or ""
  return value == event.id or value == name or value == without_tag(event.id) or value == without_tag(name)
end

local function has_label(event, value)
  local key, wanted = value:match("^([^=]*)=(.*)$")
  local found = event.attributes[key or value]
  return found ~= nil and (not key or found == wanted)
end

-- Whether an event fits a value; true: that is left to the engine.
local FITS = {
  type = function(event, value) return event.type == value end,
  event = function(event, value)
    return event.action == value or event.detail ~= nil and ("%s: %s"):format(event.action, event.detail) == value
  end,
  image = is_image,
  label = has_label,
  scope = true,
}
for _, kind in ipairs {"config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume"} do
  FITS[kind] = actor(kind)
end

local SCHEMA = {}
for key in pairs(FITS) do SCHEMA[key] = "string|table" end

-- What Podman 4 knows, by the same names: its other filters are errors in the middle of a reply, and "die"
-- finds nothing.
local ON_PODMAN = {type = true, container = true, volume = true, image = true}

local function list_of(key, value)
  if type(value) == "string" then return json.array {value} end
  if key == "label" and value[1] == nil and next(value) ~= nil then return label_filters(OP, value) end
  if value[1] == nil then check.refuse(OP, "filters." .. key, "must be a string or a list of strings, not empty") end
  for i, item in ipairs(value) do
    if type(item) ~= "string" then
      check.refuse(OP, "filters." .. key, "must be a string or a list of strings, got %s at %d", type(item), i)
    end
  end
  return json.array {table.unpack(value)}
end

---@class moontide.EventFilters: table<string, string[]>

--- Reads `filters`; raises for a key that no engine knows: an engine would ignore it, and everything would come.
---@param filters table<string, string|string[]>?
---@return moontide.EventFilters
local function read(filters)
  local wanted = {}
  for key, value in ordered.pairs(check.options(OP, filters, SCHEMA, {path = "filters"})) do
    wanted[key] = list_of(key, value)
  end
  return wanted
end

--- The text of the query's `filters`; nil: none.
---@param wanted moontide.EventFilters
---@param podman boolean
---@return string?
local function query(wanted, podman)
  local sent = {}
  for key, values in pairs(wanted) do
    if not podman or ON_PODMAN[key] then sent[key] = values end
  end
  return next(sent) and json.encode(sent) or nil
end

--- Whether an event is wanted: one of each key's values, all of the labels.
---@param wanted moontide.EventFilters
---@param event table
---@return boolean
local function fits(wanted, event)
  for key, values in pairs(wanted) do
    local fit, count = FITS[key], 0
    for _, value in ipairs(values) do
      if fit == true or fit(event, value) then count = count + 1 end
    end
    if count == 0 or key == "label" and count < #values then return false end
  end
  return true
end

return {read = read, query = query, fits = fits}
