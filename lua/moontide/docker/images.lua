--- Images of the engine: rows of data, but for their names, which engines write in several ways.

local check = require "moontide.core.check"
local filters = require "moontide.docker.filters"
local json = require "moontide.c.json"
local reference = require "moontide.docker.spec.image"

local IMAGE = {"name", reference.argument}

local function named(list, name)
  local found = json.array {}
  for _, image in ipairs(list) do
    local fits = false
    for _, listed in ipairs(image.RepoTags or {}) do fits = fits or reference.names(listed, name) end
    if fits then found[#found + 1] = image end
  end
  return found
end

local function images_query(op, given)
  local map = {label = given.label and filters.label_filters(op, given.label)}
  if given.name then
    if select(3, reference.parts(reference.argument(op, "name", given.name))) then
      check.refuse(op, "name", "must be a name, with a tag or without; image() takes digests")
    end
    map.reference = json.array {given.name}
  end
  return {query = {"all", given.all or false, table.unpack(filters.query(map))}}
end

-- Where a tag points: "name" means "name:latest".
local function target(op, name, value)
  local _, tag, digest = reference.parts(reference.argument(op, name, value))
  if digest then check.fail(op, 'argument "%s" must be a name to give, without a digest', name) end
  return tag and value or value .. ":latest"
end

--- images{all=, label=, name=}: the engine's tables. all: also the layers between; name: exact, any tag
--- of it when it has none.
return {
  images = {
    options = {all = "boolean", label = "table", name = "string"}, send = images_query,
    take = function(list, given)
      list = filters.labelled(list, given.label)
      return given.name and named(list, given.name) or list
    end,
  },
  image = {arguments = {IMAGE}},
  remove_image = {
    arguments = {IMAGE}, options = {force = "boolean"},
    send = function(_, given) return {query = {"force", given.force or false}} end,
    take = function() return true end,
  },
  tag = {
    arguments = {{"image", reference.argument}, {"name", target}},
    send = function(_, _, _, name)
      local repository, tag = reference.parts(name)
      return {query = {"repo", repository, "tag", tag}}
    end,
  },
}
