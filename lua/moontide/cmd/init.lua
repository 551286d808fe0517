--- The command line: which command, its options, what it prints, its exit code.

local errors = require "moontide.core.errors"
local near = require "moontide.core.near"
local process = require "moontide.c.process"

-- One file per command; the parser of a command is built only when it is the one.
local COMMANDS = {"run", "eval", "ps"}

local SUMMARY = {
  run = "run a Lua script",
  eval = "run a piece of Lua",
  ps = "list containers",
}

local USAGE = [[
Usage: moontide [OPTIONS] COMMAND [ARG...]
       moontide [OPTIONS] FILE [ARG...]

Runs Lua policies that keep Docker containers as declared.

Commands:
%s
Options:
  -H, --host HOST        the engine: unix:///path, tcp://host:port ($DOCKER_HOST)
      --json             print one JSON document instead of a table
      --log-format FORM  text (default) or json
  -v, --verbose          show debug messages too
      --memory-limit N   what a script may hold (256m)
      --script-budget T  how long a task may run without waiting (1s)
      --version          print the version
  -h, --help             print this; after a command: about that command

Exit codes: 0 done, 1 failed, 2 usage, 3 engine unreachable, 4 script error.
]]

local function usage()
  local lines = {}
  for _, name in ipairs(COMMANDS) do lines[#lines + 1] = ("  %-8s %s\n"):format(name, SUMMARY[name]) end
  return USAGE:format(table.concat(lines))
end

local GLOBAL = {
  ["-H"] = "value", ["--host"] = "value", ["--log-format"] = "value", ["--memory-limit"] = "value",
  ["--script-budget"] = "value", ["--json"] = "flag", ["-v"] = "flag", ["--verbose"] = "flag",
  ["-h"] = "flag", ["--help"] = "flag", ["--version"] = "flag",
}

-- The index of the first word that is no global option: the command, or a script.
local function first_word(args)
  local i = 1
  while i <= #args do
    local word = args[i]
    local kind = GLOBAL[word:match("^[^=]+")]
    if word == "--" then return i + 1 end
    if word:sub(1, 1) ~= "-" or word == "-" then return i end
    if kind == "value" and not word:find("=", 1, true) then i = i + 1 end
    i = i + 1
  end
  return i
end

local function is_file(name)
  local file = io.open(name, "rb")
  if file then file:close() end
  return file ~= nil
end

local function complain(format, ...)
  io.stderr:write("moontide: ", errors.escape(format:format(...)), "\n")
  return 2
end

local function unknown(word)
  if word:find("[/.]") then return complain("%s: no such file; see moontide --help", word) end
  return complain('unknown command "%s"%s; see moontide --help', word, near.hint(word, COMMANDS))
end

local function is_command(word)
  for _, name in ipairs(COMMANDS) do
    if name == word then return true end
  end
  return false
end

local function has(args, last, ...)
  for i = 1, last do
    for _, option in ipairs {...} do
      if args[i] == option then return true end
    end
  end
  return false
end

-- Returns the exit code.
local function dispatch(args)
  local at = first_word(args)
  local word = args[at]
  if has(args, math.min(at - 1, #args), "--version") then
    print("moontide " .. process.version)
    return 0
  elseif has(args, math.min(at - 1, #args), "-h", "--help") then
    io.write(usage())
    return 0
  elseif not word then
    io.stderr:write(usage())
    return 2
  elseif not is_command(word) then
    if not is_file(word) then return unknown(word) end
    table.insert(args, at, "run")
    word = "run"
  end
  local command = require("moontide.cmd." .. word)
  return require("moontide.cmd.options").run(command, args, at)
end

--- The first task of the program.
---@param ... string the command line without the program's name
local function main(...)
  process.exit_code(dispatch {...})
end

return {main = main, usage = usage}
