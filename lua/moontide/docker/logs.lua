--- docker.logs: what a container has written, line by line; and what it will write, also after restarts.

local check = require "moontide.core.check"
local clock = require "moontide.docker.clock"
local iterator = require "moontide.docker.iterator"
local task = require "moontide.c.task"

local OP = "docker.logs"
local OPTIONS = {
  follow = "boolean", since = clock.is_since, tail = "integer", timestamps = "boolean", stdout = "boolean",
  stderr = "boolean",
}

-- A container that has stopped is started again within this time, or its log is at its end.
local AGAIN = 1
local LOOK = 0.1

local function read_options(options)
  local given = check.options(OP, options, OPTIONS)
  if given.tail and given.tail < 0 then check.refuse(OP, "tail", "must be at least 0, got %d", given.tail) end
  if given.stdout == false and given.stderr == false then
    check.refuse(OP, "stderr", "and stdout are both false: nothing would be read")
  end
  return given
end

-- Opens the log from its place on, or as the caller wants it. While it is followed, each line's time
-- tells where to go on.
local function open(self, follow)
  local given, place = self.given, self.place
  local since = place and place.time or self.since
  return self.engine:stream {
    op = OP, row = "logs", object = self.id, as = "lines", raw = self.tty, after = place,
    timed = given.follow or given.timestamps, stamps = given.timestamps or false,
    query = {
      "stdout", given.stdout ~= false, "stderr", given.stderr ~= false, "follow", follow,
      "timestamps", given.follow or given.timestamps or false, "tail", self.tail or "all",
      "since", since and clock.engine_time(since) or 0,
    },
  }
end

local function inspect(self) return self.engine:call {op = OP, row = "inspect", object = self.id} end

local function is_removed(err) return err.kind == "not_found" end

-- "running": its log can be followed; "restarting": the engine is going to start it; "stopped".
local function state_of(found)
  local state = found.State or {}
  if state.Restarting then return "restarting" end
  return state.Running and "running" or "stopped"
end

-- The log has ended: the next part of it. Nothing when there is none; nil, err when that cannot be known.
local function go_on(self)
  local stopped, waited
  self.last, self.tail = false, nil
  while true do
    local found, err = inspect(self)
    local state = found and state_of(found)
    local follow = state == "running"
    if state == "stopped" then
      stopped = stopped or task.monotonic()
      self.last = task.monotonic() - stopped >= AGAIN
    end
    if follow or self.last then
      -- The last look, without follow: it may have run once more in between.
      local stream
      stream, err = open(self, follow)
      if stream then return stream end
      self.last = false
    end
    if err and is_removed(err) then return nil end
    if err and not iterator.may_pass(err) and err.kind ~= "conflict" then return nil, err end
    if err then waited = iterator.back_off(waited) else task.sleep(LOOK) end
  end
end

-- A log that can be opened but ends at once, again and again, is not asked for without end at full speed.
local function pause_between(self)
  local now = task.monotonic()
  if self.opened and now - self.opened < LOOK then task.sleep(LOOK) end
  self.opened = task.monotonic()
end

local function next_line(self)
  while self.stream do
    local text, source, time = self.stream:next()
    if text then return text, source, time end
    local err = source
    if not self.given.follow or err and not iterator.may_pass(err) then return nil, err end
    self.place = self.stream:place() or self.place
    self.stream:close()
    self.stream = nil
    if self.last and not err then return nil end
    pause_between(self)
    self.stream, err = go_on(self)
    if err then return nil, err end
  end
end

local function close(self)
  if self.stream then self.stream:close() end
  self.stream = nil
end

local new = iterator.class(next_line, close)

local function begin_following(self, found)
  self.id = found.Id or self.id -- its name may be another's tomorrow
  -- Without a line there is no place to go on from; what tail = 0 left out is not to come later.
  local date = self.tail == 0 and clock.http_date(self.stream:header("Date"))
  if date then self.since = date * 1000000000 end
end

--- docker.logs(id, {follow = false, since =, tail =, timestamps = false, stdout = true, stderr = true}) -> iterator
--- of line, source ("stdout" or "stderr"), time (RFC 3339 text, only with timestamps); nil, err when it cannot begin.
--- A failure in the middle of the loop is raised.
--- follow: goes on with what is written later, over restarts of the container and of the engine, no line lost or
---   doubled; ends when the container has stopped and does not run again within 1 s, or is removed.
--- since: Unix seconds, or a duration: so long ago. tail: only so many lines of what there is.
---@param connection fun(): userdata?, moontide.Error?
local function logs(connection)
  return function(id, options)
    check.id(OP, "id", id)
    local given = read_options(options)
    local engine, err = connection()
    if not engine then return nil, err end
    local self = {
      engine = engine, id = id, given = given, tail = given.tail, since = clock.since_ns(given.since, task.now()),
    }
    local found
    found, err = inspect(self)
    if not found then return nil, err end
    self.tty = (found.Config or {}).Tty or false
    self.opened = task.monotonic()
    self.stream, err = open(self, given.follow or false)
    if not self.stream then return nil, err end
    if given.follow then begin_following(self, found) end
    return new(self)
  end
end

return {logs = logs}
