--- docker.exec: a command in a container that runs.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local process = require "moontide.docker.spec.process"
local show = require "moontide.core.show"
local task = require "moontide.c.task"
local tasks = require "moontide.core.tasks"
local units = require "moontide.core.units"

local OP = "docker.exec"
local OPTIONS = {
  env = "table", user = "string|integer", workdir = "string", stdin = "string", tty = "boolean",
  timeout = "duration", on_output = "function", max_output = "string|number",
}

local MAX_OUTPUT = 16 * 1024 * 1024
local SLICE = 65536                    -- bytes of stdin at once
local FIRST_LOOK, LAST_LOOK = 0.002, 0.25 -- s between two looks whether it has ended

local function words_of(cmd)
  if type(cmd) == "string" then
    if not cmd:find("%S") then check.fail(OP, 'argument "cmd" is empty; give a command') end
    return process.list_of_words(OP, "cmd", {"sh", "-c", cmd})
  end
  if type(cmd) ~= "table" then
    check.fail(OP, 'argument "cmd" must be a list of words, or a string for sh -c, got %s', show.value(cmd))
  end
  return process.list_of_words(OP, "cmd", cmd)
end

local function body_of(cmd, given)
  return {
    Cmd = words_of(cmd), AttachStdin = given.stdin ~= nil, AttachStdout = true, AttachStderr = true,
    Tty = given.tty or false, Env = given.env and process.env(OP, "env", given.env),
    User = given.user and process.user(OP, "user", given.user),
    WorkingDir = given.workdir and process.workdir(OP, "workdir", given.workdir),
  }
end

local function limit_of(given)
  if given.max_output == nil then return MAX_OUTPUT end
  local limit = units.memory(given.max_output)
  if not limit then
    check.refuse(OP, "max_output", 'must be bytes, or like "64m", got %s', show.value(given.max_output))
  end
  return limit
end

-- Beside the reader, for a command may print before it has read all. One that ends early reads no more:
-- that is no failure.
local function feed(stream, text)
  for at = 1, #text, SLICE do
    if not stream:write(text:sub(at, at + SLICE - 1)) then return end
  end
  stream:finish()
end

-- What it prints, whole; with on_output true.
local function read(stream, given, id, limit)
  local parts, held = {stdout = {}, stderr = {}}, 0
  local function keep(bytes, source)
    held = held + #bytes
    table.insert(parts[source], bytes)
  end
  local take = given.on_output or keep
  while true do
    local bytes, source = stream:next()
    if not bytes then
      if source then return nil, source end -- an error
      return {stdout = table.concat(parts.stdout), stderr = table.concat(parts.stderr)}
    end
    take(bytes, source == "stderr" and "stderr" or "stdout")
    if held > limit then
      return errors.fail(OP, "invalid", 'container "%s": the command prints more than max_output, %s; take it as it '
        .. "comes with on_output, or raise max_output. The command may go on in the container", id,
        units.bytes_text(limit))
    end
  end
end

-- The stream ends a little before the engine knows how the command ended.
local function exit_code(engine, exec)
  local pause = FIRST_LOOK
  while true do
    local state, err = engine:call {op = OP, row = "exec_inspect", object = exec}
    if not state then return nil, err end
    if not state.Running and state.ExitCode then return state.ExitCode end
    task.sleep(pause)
    pause = math.min(2 * pause, LAST_LOOK)
  end
end

local function converse(engine, id, body, given, limit)
  local made, err = engine:call {op = OP, row = "exec_create", object = id, body = body}
  if not made then return nil, err end
  local stream <close>, why = engine:stream {
    op = OP, row = "exec_start", object = made.Id, as = "frames", raw = body.Tty,
    body = {Detach = false, Tty = body.Tty},
  }
  if not stream then return nil, why end
  local feeding <close> = task.group()
  if given.stdin then feeding:spawn(feed, stream, given.stdin) end
  local output, code
  output, err = read(stream, given, id, limit)
  if not output then return nil, err end
  code, err = exit_code(engine, made.Id)
  if not code then return nil, err end
  if given.on_output then return {exit_code = code} end
  return {exit_code = code, stdout = output.stdout, stderr = output.stderr}
end

local function in_time(timeout, id, fn)
  local ended = false
  local result, err = tasks.timeout(timeout, function()
    local value, why = fn()
    ended = true
    return value, why
  end)
  if ended then return result, err end
  return errors.fail(OP, "timeout", 'container "%s": the command has not ended within %g s; it goes on in the '
    .. "container: end it there, or restart the container", id, timeout)
end

--- docker.exec(id, cmd, options) -> {exit_code, stdout, stderr}
--- cmd: a list of words, or a string for `sh -c`. What cannot be run ends with 126 or 127 and the engine's
---   reason in stdout.
--- options: env {NAME = value}, user, workdir; stdin: text that it reads; tty: with a terminal, all that it
---   prints is stdout then; timeout: of all of it; on_output(bytes, source): gets what it prints as it comes,
---   "stdout" or "stderr", and nothing is kept; max_output: how much is kept at most, default "16m".
---@param connection fun(): userdata?, moontide.Error?
local function exec(connection)
  return function(id, cmd, options)
    check.id(OP, "id", id)
    local given = check.options(OP, options, OPTIONS)
    local body, limit = body_of(cmd, given), limit_of(given)
    local engine, err = connection()
    if not engine then return nil, err end
    local function run() return converse(engine, id, body, given, limit) end
    if not given.timeout then return run() end
    return in_time(given.timeout, id, run)
  end
end

return {exec = exec}
