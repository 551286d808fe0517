--- docker.stats: a container's figures, once or once a second.

local check = require "moontide.core.check"
local iterator = require "moontide.docker.iterator"
local task = require "moontide.c.task"

local OP = "docker.stats"

local function close(self)
  if self.stream then self.stream:close() end
  self.stream = nil
end

-- Podman breaks the stream off in the middle when the container stops.
local function has_stopped(self)
  local found, err = self.engine:call {op = OP, row = "inspect", object = self.id}
  if found then return not (found.State or {}).Running end
  return err.kind == "not_found"
end

local function next_row(self)
  if not self.stream then return nil end
  local row, err = self.stream:next()
  if row then return row end
  close(self)
  if err and not has_stopped(self) then return nil, err end
end

local new = iterator.class(next_row, close)

local function member(value, key) return type(value) == "table" and value[key] or nil end

-- ns of CPU time, and the second of the day at which they were read; nothing when it has stopped.
local function cpu_time(engine, id)
  local reply = engine:call {op = OP, row = "stats", object = id, query = {"stream", false}}
  local used = member(member(member(reply, "cpu_stats"), "cpu_usage"), "total_usage")
  local hour, minute, second = tostring(member(reply, "read")):match("T(%d+):(%d+):(%d+%.?%d*)")
  if not (math.type(used) and second) then return nil end
  return used, hour * 3600 + minute * 60 + second
end

-- A single reading of Podman's has no earlier one in it: one second is measured here, as Docker does it.
local function with_cpu(engine, id, figures)
  if not figures.mem_usage or figures.cpu_percent then return figures end
  local before, since = cpu_time(engine, id)
  task.sleep(1)
  local used, now = cpu_time(engine, id)
  if before and used and used >= before and now ~= since then
    figures.cpu_percent = (used - before) / ((now - since) % 86400) / 1e7
  end
  return figures
end

--- docker.stats(id, {stream = false}) -> the figures, or nil, err; with stream: an iterator of them, one a second,
--- which ends when the container stops.
--- The first one of a stream is without cpu_percent, which needs two readings.
---@param connection fun(): userdata?, moontide.Error?
local function stats(connection)
  return function(id, options)
    check.id(OP, "id", id)
    local given = check.options(OP, options, {stream = "boolean"})
    local engine, err = connection()
    if not engine then return nil, err end
    local call = {op = OP, row = "stats", object = id, as = "stats", query = {"stream", given.stream or false}}
    if not given.stream then
      local figures
      figures, err = engine:call(call)
      if not figures then return nil, err end
      return with_cpu(engine, id, figures)
    end
    local stream
    stream, err = engine:stream(call)
    if not stream then return nil, err end
    return new {engine = engine, id = id, stream = stream}
  end
end

return {stats = stats}
