--- The command line: which command, its options, what it prints, its exit code.

local declaration = require "moontide.cmd.declaration"
local log = require "moontide.core.log"
local near = require "moontide.core.near"
local process = require "moontide.c.process"

-- The index of the first word that is no global option: the command, or a script.
local function first_word(args)
  local i = 1
  while i <= #args do
    local word = args[i]
    if word == "--" then return i + 1 end
    if word:sub(1, 1) ~= "-" or word == "-" then return i end
    i = i + (declaration.takes_value(word) and 2 or 1)
  end
  return i
end

local function is_file(name)
  local file = io.open(name, "rb")
  if file then file:close() end
  return file ~= nil
end

local function complain(format, ...)
  log.diagnose(format:format(...))
  return 2
end

-- The first of the words that begins with a dash and is no global option, and the end of a message about it.
local function strange_option(words)
  local names = {}
  for _, row in ipairs(declaration.options) do
    for name in row[1]:gmatch("%S+") do names[#names + 1] = name end
  end
  for i, word in ipairs(words) do
    local name, known = word:match("^%-[^=]+"), i > 1 and declaration.takes_value(words[i - 1])
    for _, candidate in ipairs(names) do known = known or candidate == name end
    if name and not known then return name, near.hint(name, names) end
  end
end

-- What follows an option that is misspelled may be its value.
local function unknown(word, before)
  local option, hint = strange_option(before)
  if option then return complain('unknown option "%s"%s; see moontide --help', option, hint) end
  if word:find("[/.]") then return complain("%s: no such file; see moontide --help", word) end
  return complain('unknown command "%s"%s; see moontide --help', word, near.hint(word, declaration.commands()))
end

local function is_command(word)
  for _, name in ipairs(declaration.commands()) do
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
    io.write(declaration.usage())
    return 0
  elseif not word then
    io.stderr:write(declaration.usage())
    return 2
  elseif not is_command(word) then
    log.configure {format = declaration.log_format({table.unpack(args, 1, at)})}
    if not is_file(word) then return unknown(word, {table.unpack(args, 1, at - 1)}) end
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

return {main = main}
