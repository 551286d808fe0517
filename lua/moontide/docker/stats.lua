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

-- A single reading of Podman's has no earlier one in it: one second is measured here, as Docker does it.
local function read(engine, call)
  call.sample = {}
  local figures, err = engine:call(call)
  if not figures then return nil, err end
  if figures.cpu_percent or not figures.mem_usage then return figures end
  task.sleep(1)
  return engine:call(call)
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
    if not given.stream then return read(engine, call) end
    local stream
    stream, err = engine:stream(call)
    if not stream then return nil, err end
    return new {engine = engine, id = id, stream = stream}
  end
end

return {stats = stats}
