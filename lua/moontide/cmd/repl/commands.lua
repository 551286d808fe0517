--- What begins with a colon. A command answers with text, or with a function that is run as an entry.

local docs = require "moontide.cmd.repl.docs"
local near = require "moontide.core.near"
local units = require "moontide.core.units"

local HELP = [[
Lua, line by line. An expression prints its values; _ is the last one. Locals end with their line, globals stay.
mt is the library: mt.docker.list(), mt.spawn(...); :doc mt.docker tells of a part.

  :doc [NAME]           what a function or an option is for; without NAME all that there is
  :time EXPR            how long an expression takes
  :watch EXPR [EVERY]   its values again and again, every 2s, until Ctrl-C
  :load FILE            runs a file
  :help                 this
  :quit                 ends all tasks and leaves, as Ctrl-D does

Tab completes names, and containers inside quotation marks. Ctrl-C cancels what runs, or clears the line.
Lines that begin with a blank, or hold a secret, are not written to the history.]]

local EVERY = 2 -- seconds

local function need(text, command, what)
  if text ~= "" then return text end
  return nil, (":%s needs %s; :help tells more"):format(command, what)
end

local commands = {}

function commands.help() return HELP end

function commands.doc(_, name) return docs.page(name) end

function commands.quit(session)
  session.left = true
  return ""
end

function commands.time(session, text)
  local given, why = need(text, "time", "an expression")
  if not given then return nil, why end
  local chunk
  chunk, why = session.compile(text)
  if not chunk then return nil, why end
  local task = require "moontide.c.task"
  local function run(before, ...)
    session.say(("%s\n"):format(units.duration_text(task.monotonic() - before)))
    return ...
  end
  return nil, nil, function() return run(task.monotonic(), chunk()) end
end

function commands.load(session, text)
  local path, why = need(text, "load", "a file's name")
  if not path then return nil, why end
  local home = os.getenv "HOME"
  if home then path = path:gsub("^~/", home .. "/") end
  local chunk
  chunk, why = session.load(path)
  return nil, why, chunk
end

-- "EXPR 5s": the duration, when what is left is an expression by itself.
local function split_every(session, text)
  local expression, last = text:match("^(.*%S)%s+(%S+)$")
  local every = last and units.duration(tonumber(last) or last)
  if every and session.compile(expression) then return expression, every end
  return text, EVERY
end

function commands.watch(session, text)
  local given, why = need(text, "watch", "an expression")
  if not given then return nil, why end
  local expression, every = split_every(session, text)
  if every < 0.1 then return nil, ":watch cannot be faster than every 100ms" end
  local chunk
  chunk, why = session.compile(expression)
  if not chunk then return nil, why end
  return nil, nil, function() session.watch(chunk, every) end
end

local NAMES = {"doc", "help", "load", "quit", "time", "watch"}

--- Runs a line that begins with a colon.
---@param session table compile(text), load(path), say(text), watch(chunk, every), left
---@param line string
---@return string? text to print
---@return string? why a message: it failed
---@return function? entry to run
local function run(session, line)
  local name, rest = line:match("^%s*:%s*(%S*)%s*(.-)%s*$")
  if not commands[name] then return nil, ('unknown command ":%s"%s'):format(name, near.hint(name, NAMES)) end
  return commands[name](session, rest)
end

return {run = run, names = NAMES}
