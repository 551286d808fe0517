--- Containers that are made, and unmade when what they were made for does not come about.

local log = require "moontide.core.log"
local ordered = require "moontide.core.ordered"
local task = require "moontide.c.task"

local function force_remove(making, id)
  return making.engine:call {op = making.op, row = "remove", object = id, query = {"force", true, "v", true}}
end

-- Left without `done`, by an error or because the task is cancelled, it runs `undo` as a task of its
-- own: a closer cannot wait.
local function unless_done(undo)
  return setmetatable({done = false}, {
    __close = function(guard)
      if not guard.done then task.spawn(undo) end
    end,
  })
end

local function remove_later(making, id)
  local removed, err = force_remove(making, id)
  if not removed then
    log.warn("%s: the container %s of a cancelled call could not be removed: %s", making.op, id:sub(1, 12), err.message)
  end
end

-- Removes at once, so that a failed run leaves nothing when it returns.
local function give_up(making, guard, id, err)
  local removed, why = force_remove(making, id)
  guard.done = true
  if not removed then
    err.message = ("%s; and the container %s that was made for it could not be removed: %s"):format(
      err.message, id:sub(1, 12), why.message)
  end
  return nil, err
end

-- Whether an inspected container is what `body` asked for, and nobody has started it yet.
local function is_fresh(found, body)
  local config, state = found.Config or {}, found.State or {}
  if state.Status ~= "created" or config.Image ~= body.Image then return false end
  for key, value in ordered.pairs(body.Labels or {}) do
    if (config.Labels or {})[key] ~= value then return false end
  end
  return true
end

-- A create whose reply was lost may have created: its name tells, and it is never created again.
local function find_lost(making, err)
  if err.next ~= "relist" or err.kind == "conflict" then return nil, err end
  local found = making.engine:call {op = making.op, row = "inspect", object = making.name}
  if not found or not is_fresh(found, making.body) then return nil, err end
  return found.Id
end

-- The id. The engine goes on creating when nobody listens any more: the call is not cancelled with
-- its task, so that what it makes can be removed.
local function create_container(making)
  local pending = making.engine:start {
    op = making.op, row = "create", object = making.known_as, query = {"name", making.name}, body = making.body,
  }
  local function settle()
    local created, err = pending:wait()
    if created then return created.Id end
    return find_lost(making, err)
  end
  local guard <close> = unless_done(function()
    local id = settle()
    if id then remove_later(making, id) end
  end)
  local id, err = settle()
  guard.done = true
  return id, err
end

return {
  create = create_container, give_up = give_up, remove_later = remove_later, unless_done = unless_done,
}
