--- mt.log: lines on standard error, one for each message, whatever is in it.

local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local task = require "moontide.c.task"

local LEVELS = {debug = 1, info = 2, warn = 3, error = 4}

local settings = {level = LEVELS.info, format = "text"}

local function timestamp()
  local now = task.now()
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)) .. (".%03dZ"):format(math.floor(now % 1 * 1000))
end

local function as_text(value)
  return type(value) == "string" and value or tostring(value)
end

local function line(level, message)
  if settings.format == "json" then
    return json.encode {time = timestamp(), level = level, message = errors.escape(message)}
  end
  return ("%s %-5s %s"):format(timestamp(), level:upper(), errors.escape(message))
end

local function logger(level)
  return function(format, ...)
    if LEVELS[level] < settings.level then return end
    local message = as_text(format)
    if select("#", ...) > 0 then message = message:format(...) end
    io.stderr:write(line(level, message), "\n")
  end
end

--- What is shown and how; for the command line.
---@param options {level: "debug"|"info"|"warn"|"error"|nil, format: "text"|"json"|nil}
local function configure(options)
  settings.level = LEVELS[options.level] or settings.level
  settings.format = options.format or settings.format
end

---@class moontide.Log
---@field debug fun(format: any, ...) shown with -v
---@field info fun(format: any, ...) with more arguments as string.format
---@field warn fun(format: any, ...)
---@field error fun(format: any, ...)
return {
  debug = logger "debug", info = logger "info", warn = logger "warn", error = logger "error",
  configure = configure,
}
