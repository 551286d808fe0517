--- Whose network has a name, when several made one of that name at the same moment: below API 1.44 Docker
--- looks whether a name is free before it makes the network, without a lock. An early Created does not tell:
--- it is the time of the request, and whoever was slower may have looked already and found itself alone.
--- The order in which the engine announced them is one, and the same for all who ask.

local filters = require "moontide.docker.filters"
local tasks = require "moontide.core.tasks"

-- A network is announced before the reply to its request, so that nothing is waited for but the engine.
local PATIENCE = 10 -- s

--- The holder of the name when `id` was announced: a name is held from an announcement, if nobody holds
--- it then, until that network is gone. Pure.
---@param next_event fun(): table? in the engine's order
---@param name string
---@param id string the network which is asked about
---@return string? id of the holder; nil: the events do not tell
local function replay(next_event, name, id)
  local holder
  for event in next_event do
    if event.attributes.name == name then
      if event.action == "create" then holder = holder or event.id end
      if event.action == "create" and event.id == id then return holder end
      if event.action == "destroy" and event.id == holder then holder = nil end
    end
  end
  return nil
end

--- Asks the engine, which remembers its last 256 events.
---@param engine userdata
---@param op string
---@param name string
---@param id string
---@return string? id; nil, too, when the engine does not remember or cannot be asked
local function find(engine, op, name, id)
  local query = filters.query {type = {"network"}, event = {"create", "destroy"}}
  return (tasks.timeout(PATIENCE, function()
    local stream <close> = engine:stream {
      op = op, row = "events", as = "events", query = {"since", "1", table.unpack(query)},
    }
    return stream and replay(function() return (stream:next()) end, name, id)
  end))
end

return {find = find, replay = replay}
