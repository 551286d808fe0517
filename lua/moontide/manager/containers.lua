--- Single containers, by name or id: summary, status, figures, removal; and the lists.

local change = require "moontide.manager.change"
local check = require "moontide.core.check"
local context = require "moontide.manager.context"
local errors = require "moontide.core.errors"
local record = require "moontide.record"
local stats = require "moontide.manager.stats"

local FOREIGN = "it belongs to another moontide's state file; adopt its image first, or use that state file"

-- The container, or the failure as `key` says it.
local function find(m, name_or_id)
  local summary, err = context.find(m, name_or_id)
  if summary then return summary end
  if err then return nil, {error = err.message, kind = err.kind} end
  return nil, {error = "not-found", kind = "not_found"}
end

local function image_of(summary) return summary.labels[context.image_label] or summary.image end

-- The image's turn is waited for, then the container is looked at again: it may have changed meanwhile.
local function with_turn(m, op, name_or_id, fn)
  local summary, failed = find(m, name_or_id)
  if not summary then return failed end
  local result, err = context.alone(m, op, image_of(summary), function()
    local now, why = find(m, summary.container_id)
    if not now then return why end
    return fn(now)
  end)
  return result or {error = err.message, kind = err.kind}
end

--- m:summarize_container(id) -> summary; nil, err
local function summarize_container(m, id)
  check.id("manager.summarize_container", "id", id)
  local summary, err = context.find(m, id)
  if summary or err then return summary, err end
  return errors.fail("manager.summarize_container", "not_found", 'no container "%s"', id)
end

--- m:list_managed_containers() -> summaries, any status, any image; nil, err
local function list_managed_containers(m) return context.list(m) end

--- m:get_containers_for_image(image) -> summaries, any status; nil, err
local function get_containers_for_image(m, image)
  return context.list(m, check.string("manager.get_containers_for_image", "image", image))
end

--- m:current_for_image(image, running_only) -> summaries; nil, err
local function current_for_image(m, image, running_only)
  local list, err = context.list(m, check.string("manager.current_for_image", "image", image))
  if not list or not running_only then return list, err end
  for i = #list, 1, -1 do
    if list[i].status ~= "running" then table.remove(list, i) end
  end
  return list
end

-- Whose containers are left alone, and why.
local KEPT = {foreign = FOREIGN, service = "it belongs to a service; change the service"}

-- Why this container may not be removed; nil: it may.
local function protects(m, summary, force)
  local whose = context.whose(m, summary)
  if whose == "unmanaged" and not force then
    return "it is not managed by moontide (no label orchestrator.image); force removes it all the same"
  end
  return KEPT[whose]
end

--- m:delete_container(name_or_id, {force = false}) -> {deleted = true, container_id, name}, or {deleted = false, error}
local function delete_container(m, name_or_id, options)
  local op = "manager.delete_container"
  check.id(op, "name_or_id", name_or_id)
  local given = check.options(op, options, {force = "boolean"})
  local result = with_turn(m, op, name_or_id, function(summary)
    local why = protects(m, summary, given.force)
    if why then return {error = why, kind = "denied"} end
    local removed, err = change.remove(m, summary, {force = given.force, reason = "asked for"})
    if not removed then return {error = err.message, kind = err.kind} end
    return {deleted = true, container_id = summary.container_id, name = summary.name}
  end)
  result.deleted = result.deleted or false
  return result
end

local function as_wanted(m, summary, wanted)
  if wanted == "running" then
    if summary.status == "running" then return summary end
    local place = context.key(m)
    return change.start(m, summary, record.wish(place, image_of(summary)), "asked for")
  end
  local stopped, err = change.stop(m, summary, "asked for")
  if not stopped then return nil, err end
  return context.find(m, summary.container_id)
end

local function set_status(m, summary, wanted)
  if wanted ~= "running" and wanted ~= "stopped" then return {error = "invalid-status", kind = "invalid"} end
  local kept = KEPT[context.whose(m, summary)]
  if kept then return {error = kept, kind = "denied"} end
  local now, err = as_wanted(m, summary, wanted)
  if not now then return {error = err and err.message or "not-found", kind = err and err.kind or "not_found"} end
  return {ok = true, container_id = now.container_id, name = now.name, status = now.status, ports = now.ports}
end

--- m:set_container_status(name_or_id, {status = "running" or "stopped"}) -> {ok = true, container_id, name, status,
--- ports}, or {ok = false, error}
local function set_container_status(m, name_or_id, options)
  local op = "manager.set_container_status"
  check.id(op, "name_or_id", name_or_id)
  check.options(op, options, {status = function() return true end})
  local wanted = (options or {}).status
  local result = with_turn(m, op, name_or_id, function(summary) return set_status(m, summary, wanted) end)
  result.ok = result.ok or false
  return result
end

--- m:container_stats(name_or_id) -> {ok = true, status, server_alive, cpu_percent, mem_usage, mem_limit, mem_percent,
--- fs_free_bytes}, or {ok = false, error}. What cannot be read is absent.
local function container_stats(m, name_or_id)
  check.id("manager.container_stats", "name_or_id", name_or_id)
  local docker, err = context.engine(m)
  if not docker then return {ok = false, error = err.message, kind = err.kind} end
  local result, failed = stats(m.own, docker, name_or_id, function() return find(m, name_or_id) end)
  if result then return result end
  failed.ok = false
  return failed
end

return {
  summarize_container = summarize_container, list_managed_containers = list_managed_containers,
  get_containers_for_image = get_containers_for_image, current_for_image = current_for_image,
  delete_container = delete_container, set_container_status = set_container_status, container_stats = container_stats,
}
