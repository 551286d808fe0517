--- docker.remove: the container is gone when it returns, whoever removed it.

local check = require "moontide.core.check"
local operation = require "moontide.docker.operation"

local ROW = {
  arguments = {{"id", check.id}}, options = {force = "boolean", volumes = "boolean"},
  send = function(_, given) return {query = {"force", given.force or false, "v", given.volumes or false}} end,
}

-- As long as a removal of our own may take.
local REMOVAL = 120

-- Somebody else removes it at this moment, or the engine itself, because it was to go with its end.
local function is_being_removed(err) return err.status == 409 and err.next == "wait" end

-- Whether it has gone. A removal that fails ends the wait, too, with what went wrong.
local function gone(engine, id)
  local reply, err = engine:call {
    op = "docker.remove", row = "wait", object = id, query = {"condition", "removed"}, timeout = REMOVAL,
  }
  if not reply then return err.kind == "not_found" end
  return not (reply.Error and reply.Error.Message ~= "")
end

--- docker.remove(id, {force = false, volumes = false}) -> true, also when it was gone already
--- force: kills it if it runs; volumes: its anonymous volumes go, too.
---@param connection fun(): userdata?, moontide.Error?
local function remove(connection)
  local ask = operation.of(connection, "remove", ROW)
  return function(id, ...)
    local removed, err = ask(id, ...)
    if removed or is_being_removed(err) and gone(connection(), id) then return true end
    return nil, err
  end
end

return {remove = remove}
