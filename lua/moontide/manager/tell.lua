--- What a manager says of what it did: to the journal and the hooks, and to whom it calls back.

local context = require "moontide.manager.context"
local discovery = require "moontide.manager.discovery"
local errors = require "moontide.core.errors"
local log = require "moontide.core.log"
local record = require "moontide.record"
local task = require "moontide.c.task"

-- What is told of a container, in this order: its summary and what is different now.
local function event_of(m, event, image, summary, more)
  local ev = {
    event = event, engine = m.own.key, image = image, container_id = summary.container_id, name = summary.name,
    status = summary.status, ports = summary.ports,
  }
  for name, value in pairs(more or {}) do ev[name] = value end
  return ev
end

--- Writes a fact, and tells the hooks. What was done stays done when it cannot be written.
---@param m moontide.Manager
---@param event string
---@param image string
---@param summary table what is known of the container; {} for none
---@param more table? status, reason, data
local function fact(m, event, image, summary, more)
  local written, err = record.fact(event_of(m, event, image, summary, more))
  if written then return end
  log.warn("manager: the journal lacks a %s of %s: %s", event, summary.name or image, tostring(err))
end

--- Where an image's containers are announced; nil: nowhere.
---@param m moontide.Manager
---@param image string
---@param wish moontide.Desired? default: the stored one
---@return string?
local function callback_url(m, image, wish)
  local place = context.key(m)
  wish = wish or place and record.wish(place, image)
  return wish and discovery.callback_url(wish) or nil
end

-- What a container was made with, when nothing is wished of its image (any more).
local function own_url(m, id)
  local docker = context.engine(m)
  local found = docker and docker.inspect and docker.inspect(id)
  for _, entry in ipairs(found and found.Config and found.Config.Env or {}) do
    local url = entry:match("^DISCOVERY_CALLBACK=(.*)$")
    if url then return discovery.callback_url {env = {DISCOVERY_CALLBACK = url}} end
  end
  return nil
end

--- Where a container's transitions are announced; to be asked while it is there.
---@param m moontide.Manager
---@param image string
---@param id string
---@return string? nil: nowhere
local function url_of(m, image, id)
  local place = context.key(m)
  local wish = place and record.wish(place, image)
  if wish then return discovery.callback_url(wish) end
  return own_url(m, id)
end

local function call(m, notice)
  local ok, done, err = pcall(m.own.notify or discovery.notify, notice)
  if ok and (done or not errors.is(err)) then return end
  local name, why = notice.container.name or "a container", tostring(ok and err or done)
  log.warn("manager: nobody heard of the %s of %s: %s", notice.event, name, why)
end

--- Calls back about a transition, beside the caller: in order for each container, and never in its way.
---@param m moontide.Manager
---@param notice {image: string, container: moontide.Summary, status: string, event: string, url: string?} url: nil:
---  nobody but a notify of the user's own
---@return moontide.Task? task nil: nobody is to be told
local function notify(m, notice)
  if not notice.url and not m.own.notify then return nil end
  notice.engine = context.key(m)
  local id, telling = notice.container.container_id, m.own.telling
  local before = telling[id]
  local this
  this = task.spawn(function()
    if before then before:join() end
    call(m, notice)
    if telling[id] == this then telling[id] = nil end
  end)
  telling[id] = this
  return this
end

return {fact = fact, notify = notify, callback_url = callback_url, url_of = url_of}
