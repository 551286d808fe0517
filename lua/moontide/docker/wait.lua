--- docker.wait: until a container has come to its end.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local near = require "moontide.core.near"
local tasks = require "moontide.core.tasks"

local OP = "docker.wait"
local OPTIONS = {condition = "string", timeout = "duration", start = "boolean"}
local CONDITIONS = {"not-running", "next-exit", "removed"}

-- How long an engine may take to say that it waits. Podman polls, and may say so only at the end: the
-- container is started then all the same, and a run shorter than Podman's interval can be missed.
local REGISTERED = 1

-- An engine calls a container that has never run "not running": whoever starts it means its end.
local function condition_of(given)
  local condition = given.condition or "not-running"
  for _, known in ipairs(CONDITIONS) do
    if known == condition then
      return given.start and condition == "not-running" and "next-exit" or condition
    end
  end
  check.refuse(OP, "condition", 'is unknown, "%s"%s', condition, near.hint(condition, CONDITIONS))
end

local function start(engine, id, pending)
  local registered = tasks.timeout(REGISTERED, function() return pending:head() end)
  if registered == false then return true end -- it has failed; its result says why
  return engine:call {op = OP, row = "start", object = id}
end

local GOAL = {["not-running"] = "has not ended", ["next-exit"] = "has not ended", removed = "is not removed"}

local function result(id, condition, timeout, reply, err)
  if not reply then
    if err.kind == "timeout" and timeout then
      err.message = ('container "%s": it %s within %g s; wait again, or stop it'):format(id, GOAL[condition], timeout)
    end
    return nil, err
  end
  local why = reply.Error and reply.Error.Message
  if why and why ~= "" then
    return errors.fail(OP, "engine", 'container "%s": the engine gave up waiting: %s; inspect it', id, why)
  end
  return reply.StatusCode
end

--- docker.wait(id, {condition = "not-running", timeout =, start = false}) -> exit code
--- condition: "not-running": at once when it does not run; "next-exit"; "removed".
--- timeout: how long to wait; default: for ever. The container runs on.
--- start: starts the container once the engine has registered the wait, so that no end is missed; then
---   "not-running" is that of this run.
--- An engine that goes away in the middle: err of kind transport, next = "relist".
---@param connection fun(): userdata?, moontide.Error?
local function wait(connection)
  return function(id, options)
    check.id(OP, "id", id)
    local given = check.options(OP, options, OPTIONS)
    local condition = condition_of(given)
    local engine, err = connection()
    if not engine then return nil, err end
    local pending <close> = engine:start {
      op = OP, row = "wait", object = id, query = {"condition", condition},
      timeout = given.timeout and math.max(given.timeout, 0.001),
    }
    if given.start then
      local started
      started, err = start(engine, id, pending)
      if not started then return nil, err end
    end
    return result(id, condition, given.timeout, pending:wait())
  end
end

return {wait = wait}
