--- docker.events: what happens on the engine, from now on or from some time on, for ever.

local check = require "moontide.core.check"
local clock = require "moontide.docker.clock"
local event_filters = require "moontide.docker.event_filters"
local iterator = require "moontide.docker.iterator"
local task = require "moontide.c.task"

local OP = "docker.events"
local OPTIONS = {since = clock.is_since, filters = "table"}

local SECOND = 1000000000
-- Podman reads a time as a float and takes what comes after it, Docker what comes at it: from a little
-- before it on, and what is known is left out.
local BEFORE = 1000
-- The engine's own clock, in seconds, is older than its subscription.
local MARGIN = 2 * SECOND

-- So many events are known by their times, at least.
local REMEMBERED = 1024

-- A ping tells the engine's time and kind.
local function ping(engine)
  local stream, err = engine:stream {op = OP, row = "request", method = "GET", path = "/_ping", as = "bytes"}
  if not stream then return nil, err end
  local date, server = stream:header("Date"), stream:header("Server") or ""
  stream:close()
  return {time = clock.http_date(date), podman = server:find("Libpod", 1, true) ~= nil}
end

local function subscribe(self, since, till)
  local query = {"since", clock.engine_time(math.max(0, since))}
  if till then table.move({"until", clock.engine_time(till)}, 1, 2, 3, query) end
  if self.query then table.move({"filters", self.query}, 1, 2, #query + 1, query) end
  return self.engine:stream {op = OP, row = "events", as = "events", query = query}
end

-- Whether it was seen before; else it is remembered. Events of the very same time are rare: a time has one
-- name, or a list of them.
local function is_known(self, event)
  local time, name = event.time_nano, event.type .. event.action .. event.id
  local same = self.seen[time] or self.seen_before[time]
  if same == nil then
    if self.count == REMEMBERED then self.seen_before, self.seen, self.count = self.seen, {}, 0 end
    self.seen[time], self.count = name, self.count + 1
    return false
  end
  local names = type(same) == "table" and same or {same}
  for _, known in ipairs(names) do
    if known == name then return true end
  end
  names[#names + 1] = name
  self.seen[time] = names
  return false
end

local function gap(why)
  local now = task.now()
  return {
    type = "moontide", action = "gap", detail = why, id = "", attributes = {}, time = now,
    time_nano = math.floor(now * 1e9),
  }
end

-- Whether the engine still knows the last event that was seen: then it knows all that came later.
local function remembers(self)
  local history <close>, err = subscribe(self, self.last - BEFORE, self.last + BEFORE)
  if not history then return nil, err end
  repeat
    local event, failure = history:next()
    if event and event.time_nano == self.last then return true end
    if failure then return nil, failure end
  until not event
  return false
end

-- Subscribes again, and looks whether something was lost meanwhile. True, or nil, err.
local function resubscribe(self)
  local stream, err = subscribe(self, self.last and self.last - BEFORE or self.since)
  if not stream then return nil, err end
  local whole = not self.away
  if self.last then whole, err = remembers(self) end
  if whole == nil then
    stream:close()
    return nil, err
  end
  self.stream, self.away = stream, false
  if not whole then self.gap = gap("the connection was lost, and the engine does not know all events since then") end
  return true
end

local function reconnect(self)
  while true do
    self.waited = iterator.back_off(self.waited)
    local done, err = resubscribe(self)
    if done then return true end
    if not iterator.may_pass(err) then return nil, err end
    self.away = true
  end
end

local function close(self)
  if self.stream then self.stream:close() end
  self.stream, self.closed = nil, true
end

local function is_wanted(self, event)
  if event.type == "moontide" then return true end
  if event.time_nano < self.since or is_known(self, event) then return false end
  if not self.last or event.time_nano > self.last then self.last = event.time_nano end
  return event_filters.fits(self.wanted, event)
end

local function next_event(self)
  while not self.closed do
    if self.gap then
      local event = self.gap
      self.gap = nil
      return event
    end
    local event, err = self.stream:next()
    if event then
      self.waited = nil
      if is_wanted(self, event) then return event end
    elseif self.closed or err and not iterator.may_pass(err) and err.kind ~= "engine" then
      return nil, err
    else
      self.stream:close()
      local done
      done, err = reconnect(self)
      if not done then return nil, err end
    end
  end
end

local new = iterator.class(next_event, close)

--- docker.events{since =, filters =} -> iterator of events, for ever; nil, err when it cannot begin.
--- Event: {type, action, detail, id, name, image, exit_code, signal, attributes, time (Unix s), time_nano}. It
--- connects again when the engine goes away, and nothing comes twice; when something was lost, which an engine's
--- short memory or a script that is too slow can cause, the event {type = "moontide", action = "gap", detail}
--- tells of it: then list again.
--- since: Unix seconds, or a duration: so long ago; default: now, to the second. An engine remembers its last 256
---   events, and none from before its own start.
--- filters: {type =, event =, container =, image =, label =, network =, volume =, ...}, each a string or a list of
---   them: one of each must fit, of labels all.
---@param connection fun(): userdata?, moontide.Error?
local function events(connection)
  return function(options)
    local given = check.options(OP, options, OPTIONS)
    local wanted = event_filters.read(given.filters)
    local engine, err = connection()
    if not engine then return nil, err end
    local pong
    pong, err = ping(engine)
    if not pong then return nil, err end
    local now = pong.time or math.floor(task.now()) - 1
    local self = {
      engine = engine, wanted = wanted, query = event_filters.query(wanted, pong.podman), seen = {}, seen_before = {},
      count = 0, since = clock.since_ns(given.since, now) or now * SECOND,
    }
    self.stream, err = subscribe(self, given.since and self.since or self.since - MARGIN)
    if not self.stream then return nil, err end
    return new(self)
  end
end

return {events = events}
