--- One more container of an image: its name is written down before it is made.

local context = require "moontide.manager.context"
local log = require "moontide.core.log"
local name_for = require "moontide.docker.name"
local helpers = require "moontide.manager.helpers"
local ordered = require "moontide.core.ordered"
local record = require "moontide.record"
local task = require "moontide.c.task"
local tell = require "moontide.manager.tell"

local PORTS_TIMEOUT, PORTS_INTERVAL = 5, 0.1 -- s

-- A list of keys, or ports as they were asked for.
local function keys_of(wanted)
  if type(wanted) == "table" and wanted[1] == nil then return ordered.keys(wanted) end
  return wanted or {}
end

--- Waits for a container's ports: best effort. When none were asked for, it does not wait.
---@param m moontide.Manager
---@param id string name or id
---@param wanted string[]|table<string, any>|nil {"80/tcp"}, or {["80/tcp"] = 0}
---@param options {timeout: number?, interval: number?}? seconds; default 5, 0.1
---@return table<string, table[]>? ports what is bound
---@return moontide.Error?
local function wait_for_ports(m, id, wanted, options)
  local docker, err = context.engine(m)
  if not docker then return nil, err end
  local keys = keys_of(wanted)
  options = options or {}
  return docker.wait_ports(id, keys, {
    timeout = #keys == 0 and 0 or options.timeout or PORTS_TIMEOUT, interval = options.interval or PORTS_INTERVAL,
  })
end

--- The summary with the ports that were asked for, once they are bound.
---@param m moontide.Manager
---@param summary moontide.Summary
---@param wish moontide.Desired?
---@return moontide.Summary
local function with_ports(m, summary, wish)
  local keys = wish and context.port_keys(wish) or {}
  if #keys == 0 or helpers.ports_ready(summary.ports, keys) then return summary end
  local ports, err = wait_for_ports(m, summary.container_id, keys)
  if not ports then
    log.warn("manager: the ports of %s cannot be seen: %s", summary.name, err.message)
  end
  summary.ports = ports or summary.ports
  return summary
end

local function failed(image, err)
  return {ok = false, image = image, error = "Failed to run container: " .. err.message, kind = err.kind}
end

-- Gives the name up.
local function undone(slot, err)
  slot.container_id = nil
  local done, why = record.put_slot(slot)
  if not done then log.warn("manager: the name %s stays in the state file: %s", slot.name, tostring(why)) end
  return err
end

-- The name, written down with what is about to be made; and the labels. nil, err: nothing may be made.
local function intend(m, wish, reason)
  local labels, err = context.labels(wish)
  if not labels then return nil, err end
  local slot = {
    engine = context.key(m), image = wish.image, name = name_for(wish.image), container_id = "", state = "intended",
    time = task.now(),
  }
  local written
  written, err = record.put_slot(slot, {
    event = "create", engine = slot.engine, image = wish.image, name = slot.name, reason = reason, intent = true,
  })
  if not written then return nil, err end
  return slot, labels
end

-- The summary of a container that runs, or that was to be made only.
local function run(m, wish, slot, labels, pull)
  local docker = assert(context.engine(m))
  local summary, err = docker.run {
    name = slot.name, image = wish.image, env = wish.env, ports = wish.ports, resources = wish.resources,
    labels = labels, pull = pull,
  }
  if not summary then return nil, undone(slot, err) end
  if wish.resources.status ~= "stopped" then summary = with_ports(m, summary, wish) end
  slot.container_id, slot.state = summary.container_id, "made"
  local written, why = record.put_slot(slot)
  if not written then log.warn("manager: the state file lacks %s: %s", slot.name, tostring(why)) end
  return summary
end

--- Runs a container; the caller has the image's turn.
---@param m moontide.Manager
---@param wish moontide.Desired
---@param options {pull: string?, reason: string?}?
---@return table result {ok, action = "created", image, container_id, name, status, ports}, or {ok = false, error}
local function make(m, wish, options)
  local pull, reason = options and options.pull, options and options.reason
  local slot, labels = intend(m, wish, reason)
  if not slot then return failed(wish.image, labels) end
  local summary, err = run(m, wish, slot, labels, pull)
  if not summary then
    local result = failed(wish.image, err)
    tell.fact(m, "error", wish.image, {name = slot.name}, {reason = result.error})
    return result
  end
  tell.fact(m, "create", wish.image, summary, {reason = reason, data = {env = wish.env}})
  tell.notify(m, {
    image = wish.image, container = summary, event = "create", url = tell.callback_url(m, wish.image, wish),
    status = wish.resources.status or "running",
  })
  return {
    ok = true, action = "created", image = wish.image, container_id = summary.container_id, name = summary.name,
    status = summary.status, ports = summary.ports,
  }
end

return {make = make, wait_for_ports = wait_for_ports, with_ports = with_ports}
