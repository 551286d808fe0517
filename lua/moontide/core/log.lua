--- mt.log: lines on standard error, one for each message, whatever is in it.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local show = require "moontide.core.show"
local task = require "moontide.c.task"

local LEVELS = {debug = 1, info = 2, warn = 3, error = 4}
local MAX_DEPTH = 100

local settings = {level = LEVELS.info, format = "text"}

local function timestamp()
  local now = task.now()
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)) .. (".%03dZ"):format(math.floor(now % 1 * 1000))
end

-- A copy without the values of secrets.
local function harmless(value, name, depth)
  if type(value) == "string" and show.is_secret(name) then return "(not shown)" end
  if type(value) ~= "table" or depth == 0 then return value end
  local copy = {}
  for key, item in next, value do copy[key] = harmless(item, key, depth - 1) end
  return setmetatable(copy, getmetatable(value))
end

-- Tables as JSON where that is possible; what has a text of its own keeps it.
local function readable(value)
  if type(value) ~= "table" then return value end
  local ok, text = pcall(function()
    local meta = getmetatable(value)
    return not (meta and meta.__tostring) and json.encode(harmless(value, nil, MAX_DEPTH))
  end)
  return ok and text or value
end

local function message_of(op, format, ...)
  local count = select("#", ...)
  if count == 0 then return tostring(readable(format)) end
  check.string(op, "format", format)
  local arguments = {...}
  for i = 1, count do arguments[i] = readable(arguments[i]) end
  local ok, text = pcall(string.format, format, table.unpack(arguments, 1, count))
  if not ok then check.fail(op, 'the format "%s" does not fit: %s', show.short(format), text) end
  return text
end

local function line(level, message)
  if settings.format == "json" then
    return json.encode {time = timestamp(), level = level, message = errors.escape(message)}
  end
  return ("%s %-5s %s"):format(timestamp(), level:upper(), errors.escape(message))
end

local function logger(level)
  local op = "log." .. level
  return function(format, ...)
    if LEVELS[level] < settings.level then return end
    io.stderr:write(line(level, message_of(op, format, ...)) .. "\n")
  end
end

--- What a command has to say of its own failure; for the command line.
---@param text string
---@param command string? whose usage it is about
local function diagnose(text, command)
  if settings.format == "json" then
    text = line("error", command and ("%s: %s"):format(command, text) or text)
  else
    text = ("moontide%s: %s"):format(command and " " .. command or "", errors.escape(text))
  end
  io.stderr:write(text, "\n")
end

--- What is shown and how; for the command line.
---@param options {level: "debug"|"info"|"warn"|"error"|nil, format: "text"|"json"|nil}
local function configure(options)
  settings.level = LEVELS[options.level] or settings.level
  settings.format = options.format or settings.format
end

--- Whether messages of that level are shown: for those that cost something to make.
---@param level "debug"|"info"|"warn"|"error"
---@return boolean
local function shows(level) return LEVELS[level] >= settings.level end

---@class moontide.Log
---@field debug fun(format: any, ...) shown with -v
---@field info fun(format: any, ...) with more arguments as string.format; tables are shown as JSON
---@field warn fun(format: any, ...)
---@field error fun(format: any, ...)
return {
  debug = logger "debug", info = logger "info", warn = logger "warn", error = logger "error",
  configure = configure, diagnose = diagnose, shows = shows,
}
