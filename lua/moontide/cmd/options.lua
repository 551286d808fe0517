--- The options of one command, by argparse: help, errors and completions from one declaration.

local declaration = require "moontide.cmd.declaration"
local errors = require "moontide.core.errors"
local log = require "moontide.core.log"
local plain = require "moontide.cmd.plain"

local USAGE, FAILED, UNREACHABLE = 2, 1, 3

---@class moontide.Command
---@field name string
---@field description string
---@field declare fun(parser: table)
---@field script boolean? what follows the first argument is the script's
---@field bare table<string, string>? options that may lack their value, and what it then is
---@field advice table<string, string>? what to say more of a problem that argparse has
---@field run fun(options: table): integer? returns the exit code, or nil, err

-- What a command's parser knows, whoever parses.
local function declarer(command)
  return function(parser)
    declaration.declare(parser)
    command.declare(parser)
  end
end

local function make_parser(command)
  local parser = require "argparse"("moontide " .. command.name, command.description):help_max_width(80)
  parser:add_help(false)
  declarer(command)(parser)
  return parser
end

local function read_plain(command, words)
  local options = plain.read(declarer(command), words)
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
  for of, more in pairs(command.advice or {}) do
    if problem:find(of, 1, true) then problem = ("%s: %s"):format(problem, more) end
  end
  log.configure {format = declaration.log_format(words)}
  log.diagnose(("%s; see moontide %s --help"):format(problem, command.name), command.name)
  return nil, USAGE
end

-- "--min -1" is a number that is too small, and no option; "--watch" alone is "--watch=2s".
local function with_value(command, word, following)
  local bare = command.bare and command.bare[word]
  if bare then return ("%s=%s"):format(word, bare), false end
  if word:find("^%-%-") and following and following:find("^%-[%d.]") then
    return ("%s=%s"):format(word, following), true
  end
  return word, false
end

-- The words before the command, and those after it, as one list; for a script, what follows its
-- name is kept apart.
local function split(command, args, at)
  local own, rest, values, i = {}, {}, plain.values(declarer(command)), at + 1
  for before = 1, at - 1 do
    if args[before] ~= "--" then own[#own + 1] = args[before] end
  end
  while i <= #args do
    local word = args[i]
    own[#own + 1] = word
    if values[word] then
      local both, taken = with_value(command, word, args[i + 1])
      own[#own] = both
      if taken or both == word then i = i + 1 end
      if both == word then own[#own + 1] = args[i] end
    elseif command.script and (word:sub(1, 1) ~= "-" or word == "-") then
      table.move(args, i + 1, #args, 1, rest)
      break
    end
    i = i + 1
  end
  return own, rest
end

local function report(err)
  log.diagnose(tostring(err))
  return errors.is(err) and err.kind == "transport" and UNREACHABLE or FAILED
end

-- What a command has raised: an iterator's failure, or what the library says of a value that was typed
-- here. What else is raised is a mistake in this program.
local function refuse(command, raised)
  if errors.is(raised) then return report(raised) end
  local message = type(raised) == "string" and raised:match("^%l+%.[%w_]+: (.*)$")
  if not message then error(raised, 0) end
  log.diagnose(("%s; see moontide %s --help"):format(message, command.name), command.name)
  return USAGE
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
  log.configure {
    level = options.verbose and "debug" or nil, format = options.log_format,
  }
  if options.state == "" then return require "moontide.cmd.usage"(command.name, "--state names no file") end
  if options.state then require("moontide.record").use(options.state) end
  if options.host then require("moontide.docker").use(options.host) end
  local ok, code, err = pcall(command.run, options)
  if not ok then return refuse(command, code) end
  if code == nil then return report(err) end
  return code
end

return {run = run, declarer = declarer}
