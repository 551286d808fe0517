--- The options of one command, by argparse: help, errors and completions from one declaration.

local errors = require "moontide.core.errors"
local plain = require "moontide.cmd.plain"

local USAGE, FAILED, UNREACHABLE = 2, 1, 3

---@class moontide.Command
---@field name string
---@field description string
---@field declare fun(parser: table)
---@field script boolean? what follows the first argument is the script's
---@field run fun(options: table): integer? returns the exit code, or nil, err

local function global_options(parser)
  parser:flag("-h --help", "Print this.")
  parser:option("-H --host", "The engine: unix:///path, tcp://host:port. Default: $DOCKER_HOST.")
  parser:option("--log-format", "How log messages are written."):choices {"text", "json"}
  parser:option("--memory-limit", "What a script may hold, default 256m.")
  parser:option("--script-budget", "How long a task may run without waiting, default 1s.")
  parser:flag("--json", "Print one JSON document.")
  parser:flag("-v --verbose", "Show debug messages too.")
end

local function make_parser(command)
  local parser = require "argparse"("moontide " .. command.name, command.description)
  parser:add_help(false)
  global_options(parser)
  command.declare(parser)
  return parser
end

local function read_plain(command, words)
  local options = plain.read(function(parser)
    global_options(parser)
    command.declare(parser)
  end, words)
  return options and not options.help and options or nil
end

-- The options; or nil and the exit code, after what argparse has to say.
local function parse(command, words)
  local parser = make_parser(command)
  for _, word in ipairs(words) do
    if word == "-h" or word == "--help" then
      io.write(parser:get_help(), "\n")
      return nil, 0
    end
  end
  local ok, options = parser:pparse(words)
  if ok then return options end
  local problem = errors.escape((options:gsub("\n", "; ")))
  io.stderr:write(("moontide %s: %s; see moontide %s --help\n"):format(command.name, problem, command.name))
  return nil, USAGE
end

-- The words before the command, and those after it, as one list; for a script, what follows its
-- name is kept apart.
local function split(command, args, at)
  local own, rest = {}, {}
  for i = 1, at - 1 do
    if args[i] ~= "--" then own[#own + 1] = args[i] end
  end
  local into = own
  for i = at + 1, #args do
    into[#into + 1] = args[i]
    local value = args[i - 1] and args[i - 1]:find("^%-%-%a[%a-]*$") and args[i - 1] ~= "--json"
      and args[i - 1] ~= "--verbose"
    if command.script and into == own and (args[i]:sub(1, 1) ~= "-" or args[i] == "-")
      and not value and args[i - 1] ~= "-H" then
      into = rest
    end
  end
  return own, rest
end

local function report(err)
  io.stderr:write("moontide: ", tostring(err), "\n")
  return errors.is(err) and err.kind == "transport" and UNREACHABLE or FAILED
end

--- Parses the command line and runs the command.
---@param command moontide.Command
---@param args string[] the whole command line
---@param at integer where the command's name stands in it
---@return integer code exit code
local function run(command, args, at)
  local own, rest = split(command, args, at)
  local options, status = read_plain(command, own), nil
  if not options then options, status = parse(command, own) end
  if not options then return status end
  options.rest = rest
  require("moontide.core.log").configure {
    level = options.verbose and "debug" or nil, format = options.log_format,
  }
  if options.host then require("moontide.docker").use(options.host) end
  local code, err = command.run(options)
  if code == nil then return report(err) end
  return code
end

return {run = run}
