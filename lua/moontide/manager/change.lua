--- Start, stop and remove one container; each is told of once it has come about.

local attempt = require "moontide.act.attempt"
local context = require "moontide.manager.context"
local make = require "moontide.manager.make"
local record = require "moontide.record"
local tell = require "moontide.manager.tell"

local LIVES = {running = true, restarting = true, paused = true}

local function image_of(summary) return summary.labels[context.image_label] or summary.image end

local function is_gone(err) return err.kind == "not_found" end

local function url_of(m, summary) return tell.url_of(m, image_of(summary), summary.container_id) end

-- Tells of a stop, with the ports that were bound before it: a balancer needs them to deregister.
local function told_stop(m, before, url, reason)
  local image = image_of(before)
  tell.fact(m, "stop", image, before, {status = "stopped", reason = reason})
  tell.notify(m, {image = image, container = before, status = "stopped", event = "stop", url = url})
end

--- Stops a container that lives.
---@param m moontide.Manager
---@param summary moontide.Summary
---@param reason string?
---@return boolean? done nil, err
---@return moontide.Error?
local function stop(m, summary, reason)
  if not LIVES[summary.status] then return true end
  local docker, err = context.engine(m)
  if not docker then return nil, err end
  local url = url_of(m, summary)
  local stopped, why = attempt(docker.stop, summary.container_id, {timeout = m.own.stop_timeout})
  if not stopped and not is_gone(why) then return nil, why end
  told_stop(m, summary, url, reason)
  return true
end

--- Starts a container, or lets a paused one go on, and waits for the ports of its wish.
---@param m moontide.Manager
---@param summary moontide.Summary
---@param wish moontide.Desired?
---@param reason string?
---@return moontide.Summary? summary as it is then; nil, err
---@return moontide.Error?
local function start(m, summary, wish, reason)
  local docker, err = context.engine(m)
  if not docker then return nil, err end
  local begin = summary.status == "paused" and docker.unpause or docker.start
  local started
  started, err = attempt(begin, summary.container_id)
  if not started then return nil, err end
  local now
  now, err = context.find(m, summary.container_id)
  if not now then return nil, err or require("moontide.core.errors").new("not_found", "manager",
    "it went away while it was started") end
  now = make.with_ports(m, now, wish)
  local image = image_of(now)
  tell.fact(m, "start", image, now, {reason = reason})
  tell.notify(m, {image = image, container = now, status = "running", event = "start", url = url_of(m, now)})
  return now
end

-- What is begun is written down, so that whoever comes after a kill -9 ends it.
local function note(m, summary, state)
  return record.put_slot {
    engine = context.key(m), image = image_of(summary), name = summary.name, state = state or "made",
    container_id = state and summary.container_id or nil,
  }
end

-- One that lives is stopped, or killed by its removal. True, or nil, err.
local function take_away(m, docker, summary, force, reason)
  local kill = LIVES[summary.status] and force
  local url = kill and url_of(m, summary) or nil
  if not force then
    local stopped, why = stop(m, summary, reason)
    if not stopped then return nil, why end
  end
  local removed, err = attempt(docker.remove, summary.container_id, {force = force})
  if not removed and not is_gone(err) then return nil, err end
  if kill then told_stop(m, summary, url, reason) end
  return true
end

--- Removes a container: one that lives is stopped first, or, with force, killed.
---@param m moontide.Manager
---@param summary moontide.Summary
---@param options {force: boolean?, reason: string?}?
---@return boolean? done nil, err; also when it had gone
---@return moontide.Error?
local function remove(m, summary, options)
  local force, reason = options and options.force or false, options and options.reason
  local docker, err = context.engine(m)
  if not docker then return nil, err end
  local done
  done, err = note(m, summary, "removing")
  if not done then return nil, err end
  done, err = take_away(m, docker, summary, force, reason)
  note(m, summary, not done and "made" or nil)
  if not done then return nil, err end
  tell.fact(m, "remove", image_of(summary), summary, {status = "removed", reason = reason})
  return true
end

return {start = start, stop = stop, remove = remove, lives = LIVES}
