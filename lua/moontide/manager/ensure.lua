--- ensure_singleton_for_image and run_new_container: one container of an image.

local change = require "moontide.manager.change"
local context = require "moontide.manager.context"
local make = require "moontide.manager.make"
local recover = require "moontide.manager.recover"
local wishes = require "moontide.manager.wish"

local function failure(image, err)
  return {ok = false, image = image, error = "Failed to run container: " .. err.message, kind = err.kind}
end

-- A running one, else the newest; the list has the newest first.
local function preferred(current)
  for _, summary in ipairs(current) do
    if summary.status == "running" then return summary end
  end
  local newest
  for _, summary in ipairs(current) do
    if not newest or summary.created > newest.created then newest = summary end
  end
  return newest
end

local function kept(image, summary)
  return {
    ok = true, action = "kept-existing", image = image, container_id = summary.container_id, name = summary.name,
    status = summary.status, ports = summary.ports,
  }
end

-- One that does not run is started, unless a stopped one is wished.
local function keep(m, image, summary, wish)
  if wish.resources.status ~= "stopped" and summary.status ~= "running" then
    local started, err = change.start(m, summary, wish, "one should run")
    if not started then
      return {ok = false, image = image, error = "Failed to start container: " .. err.message, kind = err.kind}
    end
    summary = started
  end
  return kept(image, summary)
end

--- m:ensure_singleton_for_image(image, {env =, ports =, resources =})
local function ensure(m, image, options)
  local op = "manager.ensure_singleton_for_image"
  local wish = wishes.read_spec(op, image, options)
  local result, err = context.alone(m, op, image, function()
    local current, why = context.list(m, image)
    if current and recover(m, image, current) then current, why = context.list(m, image) end
    if not current then return nil, why end
    local existing = preferred(current)
    if existing then return keep(m, image, existing, wish) end
    return make.make(m, wish, {reason = "there was none"})
  end)
  return result or failure(image, err)
end

--- m:run_new_container(image, {env =, ports =, resources =})
local function run_new_container(m, image, options)
  local op = "manager.run_new_container"
  local wish = wishes.read_spec(op, image, options)
  local result, err = context.alone(m, op, image, function()
    return make.make(m, wish, {reason = "asked for"})
  end)
  return result or failure(image, err)
end

return {ensure_singleton_for_image = ensure, run_new_container = run_new_container}
