--- reconcile and scale: as many containers of an image as are wished.

local attempt = require "moontide.act.attempt"
local change = require "moontide.manager.change"
local check = require "moontide.core.check"
local context = require "moontide.manager.context"
local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local make = require "moontide.manager.make"
local record = require "moontide.record"
local recover = require "moontide.manager.recover"
local replicas = require "moontide.plan.replicas"
local task = require "moontide.c.task"
local tasks = require "moontide.core.tasks"
local tell = require "moontide.manager.tell"
local wishes = require "moontide.manager.wish"

local ACTIONS = {create = true, remove = true, start = true, stop = true}

-- The stored wish; an image without one is wished once from now on.
local function wish_of(op, place, image)
  local wish, err = record.wish(place, image)
  if err then return nil, err end
  if wish then return wish end
  wish = wishes.read(op, image, {})
  local stored
  stored, err = record.put_wish(place, image, wish)
  if not stored then return nil, err end
  return wish
end

-- A planner's or victim's answer is a user's: what cannot be is told, and nothing is done.
local function checked(steps, current)
  local by_id, planned = {}, {}
  for _, summary in ipairs(current) do by_id[summary.container_id] = summary end
  if type(steps) ~= "table" then return nil, ("it returned %s, not a list of steps"):format(type(steps)) end
  for i, step in ipairs(steps) do
    if type(step) ~= "table" or not ACTIONS[step.action] then
      return nil, ('step %d: action must be "create", "remove", "start" or "stop"'):format(i)
    elseif step.action ~= "create" and not by_id[step.container_id] then
      return nil, ("step %d: container_id must be one of the image's containers"):format(i)
    elseif step.action ~= "create" and planned[step.container_id] then
      return nil, ("step %d: its container has a step already"):format(i)
    end
    planned[step.container_id or ""] = true
  end
  return by_id
end

-- The steps, and what they are about by id; nil, err.
local function steps_for(m, wish, current)
  local planner = m.own.planner or replicas.planner
  local ok, steps, refusal = xpcall(planner, debug.traceback, wish, current, task.now(), m.own.victim)
  local by_id, why = nil, steps
  if ok then by_id, why = checked(steps, current) end
  if ok and steps == nil and type(refusal) == "string" then why = refusal end
  if not by_id then return errors.fail("manager.planner", "script", 'image "%s": %s', wish.image, tostring(why)) end
  return steps, by_id
end

-- So that not each of the new containers fetches the image. Returns what their `pull` is to be.
local function fetch(m, wish, steps)
  local creates = 0
  for _, step in ipairs(steps) do creates = creates + (step.action == "create" and 1 or 0) end
  if creates < 2 then return "missing" end
  local docker = assert(context.engine(m))
  local image, err = attempt(docker.image, wish.image)
  if image then return "never" end
  if err.kind ~= "not_found" then return nil, err end
  local progress
  progress, err = docker.pull(wish.image)
  if not progress then return nil, err end
  local ok, raised = pcall(function() for _ in progress do end end)
  if not ok then return nil, errors.is(raised) and raised or errors.new("script", "manager", tostring(raised)) end
  return "never"
end

local function create(m, wish, step, pull, pull_err)
  local details
  if pull then
    details = make.make(m, wish, {pull = pull, reason = step.reason})
  else
    details = {ok = false, image = wish.image, kind = pull_err.kind,
      error = "Failed to run container: the image cannot be pulled: " .. pull_err.message}
  end
  return {action = "create", ok = details.ok, details = details, error = details.error}
end

local DO = {
  remove = function(m, _, step, summary) return change.remove(m, summary, {reason = step.reason}) end,
  stop = function(m, _, step, summary) return change.stop(m, summary, step.reason) end,
  start = function(m, wish, step, summary) return change.start(m, summary, wish, step.reason) end,
}

local function act_on(m, wish, step, summary)
  local done, err = DO[step.action](m, wish, step, summary)
  local action = {action = step.action, container_id = summary.container_id, name = summary.name, ok = done ~= nil}
  if not done then
    action.error = err.message
    tell.fact(m, "error", wish.image, summary, {reason = ("%s: %s"):format(step.action, err.message)})
  end
  return action
end

-- All at once; what one raises is its own failure.
local function act(m, wish, steps, by_id)
  local pull, pull_err = fetch(m, wish, steps)
  return json.array(tasks.map(steps, function(step)
    local ok, action
    if step.action == "create" then
      ok, action = pcall(create, m, wish, step, pull, pull_err)
    else
      ok, action = pcall(act_on, m, wish, step, by_id[step.container_id])
    end
    if ok then return action end
    local failed = {action = step.action, container_id = step.container_id, name = step.name, ok = false}
    failed.error = tostring(action)
    return failed
  end))
end

local function failure(wish, err, actions)
  return {
    ok = false, image = wish.image, error = err.message, kind = err.kind, actions = actions or json.array {},
    desired = {min_replicas = wish.min_replicas, max_replicas = wish.max_replicas}, current = json.array {},
  }
end

-- What is wrong when all that was tried went well, or the first that did not.
local function shortcoming(wish, actions, current)
  for _, action in ipairs(actions) do
    if not action.ok then return action.error end
  end
  if replicas.fits(wish, current) then return nil end
  local running = 0
  for _, summary in ipairs(current) do running = running + (summary.status == "running" and 1 or 0) end
  local stopped = wish.resources.status == "stopped"
  local advice = (stopped and #current or running) > wish.max_replicas and "see whether planner or victim keep them"
    or "look at their logs"
  return ("%d of %d containers run, and %d to %d should%s; %s"):format(running, #current,
    wish.min_replicas, wish.max_replicas, stopped and " be there, stopped" or "", advice)
end

local function settled(m, wish)
  local current, err = context.list(m, wish.image)
  if not current then return nil, err end
  if recover(m, wish.image, current) then return context.list(m, wish.image) end
  return current
end

-- With the image's turn.
local function converge(m, wish)
  local current, err = settled(m, wish)
  if not current then return failure(wish, err) end
  local steps, by_id = steps_for(m, wish, current)
  if not steps then return failure(wish, by_id) end
  local actions = json.array {}
  if steps[1] then
    actions = act(m, wish, steps, by_id)
    current, err = context.list(m, wish.image)
    if not current then return failure(wish, err, actions) end
  end
  local why = shortcoming(wish, actions, current)
  return {
    ok = why == nil, image = wish.image, actions = actions, current = current, error = why,
    desired = {min_replicas = wish.min_replicas, max_replicas = wish.max_replicas},
  }
end

--- m:reconcile(image) -> {ok, image, desired, actions, current}
local function reconcile(m, image)
  local op = "manager.reconcile"
  local default = wishes.read(op, image, {})
  local result, err = context.alone(m, op, image, function(place)
    local wish, why = wish_of(op, place, image)
    if not wish then return nil, why end
    return converge(m, wish)
  end)
  return result or failure(default, err)
end

--- m:scale(image, {min_replicas =, max_replicas =}) -> as reconcile; the rest of the record stays.
local function scale(m, image, options)
  local op = "manager.scale"
  local default = wishes.scaled(op, wishes.read(op, image, {}), options)
  local result, err = context.alone(m, op, image, function(place)
    local known, why = record.wish(place, image)
    if why then return nil, why end
    local wish = known and wishes.scaled(op, known, options) or default
    local from = known or {}
    local stored
    stored, why = record.put_wish(place, image, wish, {
      event = "scale", engine = place, image = image,
      reason = ("%d to %d replicas are wished"):format(wish.min_replicas, wish.max_replicas),
      data = {
        from = {min_replicas = from.min_replicas, max_replicas = from.max_replicas},
        to = {min_replicas = wish.min_replicas, max_replicas = wish.max_replicas},
      },
    })
    if not stored then return nil, why end
    return converge(m, wish)
  end)
  return result or failure(default, err)
end

--- m:plan(image, {min_replicas =, max_replicas =}) -> the steps that reconcile, or scale, would take now; nil, err.
--- Changes nothing.
local function plan(m, image, options)
  local op = "manager.plan"
  check.string(op, "image", image)
  local place, err = context.key(m)
  if not place then return nil, err end
  local known
  known, err = record.wish(place, image)
  if err then return nil, err end
  local wish = wishes.scaled(op, known or wishes.read(op, image, {}), options)
  local current
  current, err = context.list(m, image)
  if not current then return nil, err end
  local steps, why = steps_for(m, wish, current)
  if not steps then return nil, why end
  return json.array(steps)
end

return {reconcile = reconcile, scale = scale, plan = plan}
