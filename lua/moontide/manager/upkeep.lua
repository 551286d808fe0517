--- Wishes, and what is left behind: register_desired_state, desired, forget, prune, adopt.

local change = require "moontide.manager.change"
local check = require "moontide.core.check"
local context = require "moontide.manager.context"
local json = require "moontide.c.json"
local record = require "moontide.record"
local task = require "moontide.c.task"
local tasks = require "moontide.core.tasks"
local wishes = require "moontide.manager.wish"

-- What prune may take away: what ran, or never will.
local DEAD = {exited = true, created = true, dead = true}

local function store(m, op, image, wish, fact)
  return context.alone(m, op, image, function(place)
    if fact then fact.engine, fact.image = place, image end
    return record.put_wish(place, image, wish, fact)
  end)
end

--- m:register_desired_state(image, {min_replicas = 1, max_replicas =, env =, ports =, resources =}) -> the record,
--- which it replaces whole; nil, err when it cannot be stored. Starts nothing: reconcile does.
local function register_desired_state(m, image, options)
  local op = "manager.register_desired_state"
  local wish = wishes.read(op, image, options)
  local stored, err = store(m, op, image, wish)
  if not stored then return nil, err end
  return wish
end

--- m:desired(image) -> {image, min_replicas, max_replicas, env, ports, resources}; nil: none is stored; nil, err
local function desired(m, image)
  check.string("manager.desired", "image", image)
  local place, err = context.key(m)
  if not place then return nil, err end
  return record.wish(place, image)
end

--- m:forget(image) -> true, also when nothing was wished; nil, err. The containers stay as they are.
local function forget(m, image)
  local op = "manager.forget"
  check.string(op, "image", image)
  return store(m, op, image, nil, {event = "forget", reason = "asked for"})
end

local function image_of(summary) return summary.labels[context.image_label] end

--- m:prune(image) -> {ok, actions}: managed containers that do not run are removed. image: default: of all images.
--- Those of an image whose wish is "stopped" stay.
local function prune(m, image)
  local op = "manager.prune"
  if image ~= nil then check.string(op, "image", image) end
  local list, err = context.list(m, image)
  if not list then return {ok = false, error = err.message, kind = err.kind, actions = json.array {}} end
  local place, chosen, ok = context.key(m), {}, true
  for _, summary in ipairs(list) do
    local wish = DEAD[summary.status] and record.wish(place, image_of(summary))
    if DEAD[summary.status] and not (wish and wish.resources.status == "stopped") then chosen[#chosen + 1] = summary end
  end
  local actions = tasks.map(chosen, function(summary)
    local removed, why = context.alone(m, op, image_of(summary), function()
      return change.remove(m, summary, {reason = "pruned: it is " .. summary.status})
    end)
    ok = ok and removed ~= nil
    return {
      action = "remove", container_id = summary.container_id, name = summary.name, ok = removed ~= nil,
      error = not removed and why.message or nil,
    }
  end)
  return {ok = ok, actions = json.array(actions)}
end

local function adopt_one(place, image, summary)
  return record.put_slot({
    engine = place, image = image, name = summary.name, container_id = summary.container_id, state = "adopted",
    time = task.now(),
  }, {
    event = "adopt", engine = place, image = image, container_id = summary.container_id, name = summary.name,
    reason = "it belonged to another state file",
  })
end

--- m:adopt(image) -> {ok, image, adopted = summaries}: containers that another state file's manager made, which may be
--- lost, are this one's from now on.
local function adopt(m, image)
  local op = "manager.adopt"
  check.string(op, "image", image)
  local taken = json.array {}
  local done, err = context.alone(m, op, image, function(place)
    local list, why = context.list(m, image, "foreign")
    if not list then return nil, why end
    for _, summary in ipairs(list) do
      local stored
      stored, why = adopt_one(place, image, summary)
      if not stored then return nil, why end
      taken[#taken + 1] = summary
    end
    return true
  end)
  return {ok = done ~= nil, image = image, adopted = taken, error = err and err.message, kind = err and err.kind}
end

return {
  register_desired_state = register_desired_state, desired = desired, forget = forget, prune = prune, adopt = adopt,
}
