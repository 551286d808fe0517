--- moontide exec NAME CMD...: runs a program in a container, and ends with its exit code.

local docker = require "moontide.docker"

local function declare(parser)
  parser:argument("container", "Name or id.")
  parser:option("-e --env", "One more variable of its environment."):argname("NAME=VALUE"):count "*"
  parser:option("-u --user", "A user, an uid, or user:group."):argname "USER"
  parser:option("-w --workdir", "The directory in the container."):argname "PATH"
  parser:flag("-i --interactive", "It reads standard input, which is read to its end first.")
end

local function complain(format, ...)
  return require "moontide.cmd.usage"("exec", format:format(...))
end

local function read_env(list)
  local env = {}
  for _, text in ipairs(list or {}) do
    local name, value = text:match("^([^=]+)=(.*)$")
    if not name then return nil, text end
    env[name] = value
  end
  return env
end

local function show(bytes, source)
  local file = source == "stderr" and io.stderr or io.stdout
  file:write(bytes)
  file:flush()
end

-- Nothing, and why, when there is more than is held.
local function read_stdin()
  local text = require("moontide.c.process").read_script()
  return text, not text and "exec: standard input is longer than 16 MiB; mt.docker.copy_to brings files" or nil
end

-- As JSON the result itself is the document.
local function options_of(options, env, stdin)
  return {
    env = next(env) and env or nil, user = options.user, workdir = options.workdir,
    stdin = stdin,
    on_output = not options.json and show or nil,
  }
end

local function run(options)
  local words = options.rest
  if words[1] == "--" then table.remove(words, 1) end
  if #words == 0 then return complain("missing argument 'command'") end
  local env, bad = read_env(options.env)
  if not env and bad:sub(1, 1) == "=" then return complain("--env has no name before its =") end -- may be a secret
  if not env then return complain('--env "%s" is not like NAME=VALUE', bad) end
  local stdin, why
  if options.interactive then stdin, why = read_stdin() end
  if why then return nil, why end
  local result, err = docker.exec(options.container, words, options_of(options, env, stdin))
  if not result then return nil, err end
  if options.json then io.write(require("moontide.c.json").encode(result), "\n") end
  return result.exit_code
end

return {
  name = "exec", script = true, declare = declare, run = run,
  description = "Runs a program in a container, and ends with its exit code. What follows NAME is the program"
    .. " and its arguments.",
}
