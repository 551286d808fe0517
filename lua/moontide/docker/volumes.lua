--- Volumes of the engine: rows of data.

local check = require "moontide.core.check"
local fields = require "moontide.docker.spec.fields"
local filters = require "moontide.docker.filters"
local values = require "moontide.docker.spec.values"

local VOLUME = {"name", check.id}

local function volumes_query(op, given)
  local map = {label = given.label and filters.label_filters(op, given.label)}
  if given.name then map.name = filters.name_pattern(check.id(op, "name", given.name)) end
  return {query = filters.query(map)}
end

-- An engine makes up a name when it is given none, or an empty one.
local function volume_body(op, given)
  return {body = {
    Name = given.name and fields.name(op, "name", given.name) or "", Driver = given.driver or "local",
    Labels = given.labels and fields.labels(op, "labels", given.labels),
    DriverOpts = given.options and values.texts(op, "options", given.options),
  }}
end

--- volume_create: the volume; also one of that name and driver that was there already.
return {
  volumes = {
    options = {label = "table", name = "string"}, send = volumes_query,
    take = function(reply, given)
      local list = filters.labelled(reply.Volumes or {}, given.label)
      return given.name and filters.exactly(list, "Name", given.name) or list
    end,
  },
  volume = {arguments = {VOLUME}},
  volume_create = {
    options = {name = "string", driver = "string", labels = "table", options = "table"}, send = volume_body,
  },
  volume_remove = {
    arguments = {VOLUME}, options = {force = "boolean"},
    send = function(_, given) return {query = {"force", given.force or false}} end,
  },
}
