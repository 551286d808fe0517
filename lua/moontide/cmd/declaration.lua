--- What the command line knows: its commands and the options of all of them, declared once. Pure.
--- src/host/options.c reads two of the options before there is Lua, and has to know which words it may
--- pass over; spec/cmd_options_spec.lua checks that it knows the same.

---@class moontide.CommandOption
---@field [1] string "-H --host"
---@field [2] string|false what its value is called in the usage; false: a flag
---@field [3] string what it does
---@field choices string[]? its values
---@field front boolean? only in front of the command

---@type moontide.CommandOption[]
local OPTIONS = {
  {"-H --host", "HOST", "the engine, as unix:///path, ssh://host ($DOCKER_HOST)"},
  {"--state", "FILE", "the state file ($MOONTIDE_STATE)"},
  {"--json", false, "print JSON instead of text for people"},
  {"--log-format", "FORM", "how log messages are written: text (default) or json", choices = {"text", "json"}},
  {"-v --verbose", false, "show debug messages too"},
  {"--memory-limit", "N", "what a script may hold (256m)"},
  {"--script-budget", "T", "how long a task may run without waiting (1s)"},
  {"--version", false, "print the version", front = true},
  {"-h --help", false, "print this; after a command: about that command"},
}

-- One file per command; it is loaded only when it is the one.
local COMMANDS = {
  {"run", "run a Lua script"},
  {"repl", "type Lua, line by line"},
  {"eval", "run a piece of Lua"},
  {"ps", "list containers"},
  {"ensure", "make sure that there is a container of an image"},
  {"reconcile", "make as many containers run as are wished"},
  {"scale", "set how many containers of an image there are to be"},
  {"start", "start containers"},
  {"stop", "stop containers"},
  {"rm", "stop and remove containers"},
  {"stats", "print what containers use"},
  {"history", "print what was done, and why"},
  {"forget", "drop what is wished of an image"},
  {"adopt", "take over the containers of another state file"},
  {"prune", "remove managed containers that do not run"},
  {"logs", "print what a container has written"},
  {"exec", "run a program in a container"},
  {"events", "print what happens on the engine"},
  {"pull", "fetch an image"},
  {"doctor", "say what is wrong with the engine, and how to mend it"},
  {"completion", "print what makes a shell complete moontide's words"},
}

local USAGE = [[
Usage: moontide [OPTIONS] COMMAND [ARG...]
       moontide [OPTIONS] FILE [ARG...]

Runs Lua policies that keep Docker containers as declared.

Commands:
%s
Options, before or after the command:
%s
Exit codes: 0 done, 1 failed, 2 usage, 3 engine unreachable, 4 script error.
]]

local function usage()
  local commands, options = {}, {}
  for i, command in ipairs(COMMANDS) do commands[i] = ("  %-10s %s\n"):format(command[1], command[2]) end
  for i, option in ipairs(OPTIONS) do
    local short, long = option[1]:match("^(%-%a) (.*)$")
    local names = (short and short .. ", " or "    ") .. (long or option[1])
    options[i] = ("  %-22s %s\n"):format(names .. (option[2] and " " .. option[2] or ""), option[3])
  end
  return USAGE:format(table.concat(commands), table.concat(options))
end

--- The names of the commands, in the order of the usage.
---@return string[]
local function commands()
  local names = {}
  for i, command in ipairs(COMMANDS) do names[i] = command[1] end
  return names
end

--- Declares the options of every command.
---@param parser table argparse's, or what stands in for it
local function declare(parser)
  for _, row in ipairs(OPTIONS) do
    local names, value, help = table.unpack(row, 1, 3)
    if not row.front then
      local item = value and parser:option(names, help):argname(value) or parser:flag(names, help)
      if row.choices then item:choices(row.choices) end
    end
  end
end

--- Whether the word is an option that takes the next one as its value.
---@param word string "-H"
---@return boolean
local function takes_value(word)
  for _, row in ipairs(OPTIONS) do
    for name in row[1]:gmatch("%S+") do
      if name == word then return row[2] ~= false end
    end
  end
  return false
end

--- The --log-format of a command line that cannot be read, for what there is to say of it.
---@param words string[]
---@return "json"? nil: text
local function log_format(words)
  for i, word in ipairs(words) do
    if word == "--log-format=json" or word == "--log-format" and words[i + 1] == "json" then return "json" end
  end
end

return {
  commands = commands, rows = COMMANDS, options = OPTIONS, declare = declare, takes_value = takes_value,
  log_format = log_format, usage = usage,
}
