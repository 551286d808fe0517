--- What `list` is asked for, as the engine's filters; pure.

local check = require "moontide.core.check"
local json = require "moontide.c.json"
local ordered = require "moontide.core.ordered"

local STATUSES = {"created", "running", "paused", "restarting", "removing", "exited", "dead"}

local function label_filters(op, labels)
  local list = json.array {}
  for key, value in ordered.pairs(labels) do
    local kind = type(value)
    if type(key) ~= "string" or (value ~= true and kind ~= "string" and kind ~= "number") then
      check.fail(op, 'option "label" must be {name = "value"}, or {name = true} for any value')
    end
    list[#list + 1] = value == true and key or ("%s=%s"):format(key, value)
  end
  return list
end

local function status_filters(op, status)
  local list = json.array(type(status) == "table" and {table.unpack(status)} or {status})
  for _, word in ipairs(list) do
    local known = false
    for _, candidate in ipairs(STATUSES) do known = known or candidate == word end
    if not known then
      local near = check.nearest(word, STATUSES)
      check.fail(op, 'option "status": unknown status "%s"%s', tostring(word),
        near and (' (did you mean "%s"?)'):format(near) or "; valid: " .. table.concat(STATUSES, ", "))
    end
  end
  return list
end

-- The engine's name filter is an unanchored regular expression, and its names begin with a slash on
-- Docker but not on Podman.
local function name_pattern(name)
  return json.array {"^/?" .. name:gsub("[.+]", "\\%0") .. "$"}
end

--- Pairs for the query of GET /containers/json.
---@param op string
---@param given table checked options of list
---@return any[]
local function list_query(op, given)
  local filters, query = {}, {}
  if given.label then filters.label = label_filters(op, given.label) end
  if given.status then filters.status = status_filters(op, given.status) end
  if given.name then filters.name = name_pattern(check.id(op, "name", given.name)) end
  if given.all then query = {"all", true} end
  if given.limit then
    if given.limit < 1 then check.fail(op, 'option "limit" must be at least 1, got %d', given.limit) end
    query[#query + 1], query[#query + 2] = "limit", given.limit
  end
  if next(filters) then query[#query + 1], query[#query + 2] = "filters", json.encode(filters) end
  return query
end

--- Those of that very name.
---@param list table[]
---@param key string of the name: "Name"
---@param name string
---@return table[]
local function exactly(list, key, name)
  local found = json.array {}
  for _, item in ipairs(list) do
    if item[key] == name then found[#found + 1] = item end
  end
  return found
end

--- Those that have the labels: Podman before 5 finds images with any of them.
---@param list table[] with Labels
---@param wanted table<string, string|number|true>? nil: all
---@return table[]
local function labelled(list, wanted)
  local found = json.array {}
  for _, item in ipairs(list) do
    local fits = true
    for key, value in ordered.pairs(wanted or {}) do
      local label = (item.Labels or {})[key]
      fits = fits and label ~= nil and (value == true or label == tostring(value))
    end
    if fits then found[#found + 1] = item end
  end
  return found
end

--- Pairs for a query from filters that have been read.
---@param map table<string, string[]>
---@return any[]
local function query(map)
  if not next(map) then return {} end
  return {"filters", json.encode(map)}
end

return {
  list_query = list_query, label_filters = label_filters, name_pattern = name_pattern, query = query,
  exactly = exactly, labelled = labelled,
}
