--- A spec's `networks`; pure.

local check = require "moontide.core.check"
local show = require "moontide.core.show"

-- These are no networks that a container joins: it has the host's, none, or another container's.
local function is_exclusive(name)
  return name == "host" or name == "none" or name:find("^container:") ~= nil
end

--- The first network becomes the container's mode; below API 1.44 a create takes one network only,
--- so that the others have to be connected between create and start.
---@param op string
---@param option string
---@param value string[] names
---@return {first: string?, later: string[], exclusive: boolean} networks exclusive: no ports can be published
local function read(op, option, value)
  local seen, later, count = {}, {}, 0
  for _ in next, value do count = count + 1 end
  if count ~= #value then check.refuse(op, option, "must be a list of names") end
  for i, name in ipairs(value) do
    local known = type(name) == "string"
      and name:gsub("^container:", ""):find("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$")
    if not known then check.refuse(op, option, "must be a list of names, got %s", show.value(name)) end
    if seen[name] then check.refuse(op, option, 'names "%s" twice', show.short(name)) end
    if is_exclusive(name) and count > 1 then
      check.refuse(op, option, 'has "%s", which excludes every other network', show.short(name))
    end
    seen[name] = true
    if i > 1 then later[#later + 1] = name end
  end
  return {first = value[1], later = later, exclusive = count == 1 and is_exclusive(value[1])}
end

return {read = read}
