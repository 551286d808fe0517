--- A caller's mistakes: they raise, at the caller's own line, and name function, argument and the
--- nearest valid key.

local errors = require "moontide.core.errors"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local units = require "moontide.core.units"

local getinfo = debug.getinfo -- scripts may replace what they find in debug

-- Where the library's chunks come from: "=moontide/" when embedded, a directory in development.
local OWN_ROOT = getinfo(1, "S").source:match("^(.*)core/check%.lua$") or "=moontide/"

-- "file:line: " of the first level that is Lua and not ours; "" when there is none, as in a task
-- whose function is ours.
local function position()
  local level = 3
  while true do
    local info = getinfo(level, "Sl")
    if not info then return "" end
    if info.currentline > 0 and info.source:sub(1, #OWN_ROOT) ~= OWN_ROOT then
      return ("%s:%d: "):format(info.short_src, info.currentline)
    end
    level = level + 1
  end
end

--- Raises "file:line: op: message" with the position of the script's line that called the library.
---@param op string the function as the caller knows it: "docker.run"
---@param format string as string.format; the message is escaped
local function fail(op, format, ...)
  error(position() .. errors.escape(("%s: %s"):format(op, format:format(...))), 0)
end

--- As fail, about one option: `docker.run: option "env" ...`.
---@param op string
---@param option string
---@param format string what is wrong with it: "must be ..."
local function refuse(op, option, format, ...)
  fail(op, 'option "%s" ' .. format, option, ...)
end

local NOUNS = {
  string = "a string", number = "a number", boolean = "true or false", table = "a table",
  ["function"] = "a function", integer = "a whole number",
  duration = 'a duration (seconds, or "250ms", "5m", "1h30m")',
}

-- What a value becomes when it is of that kind, nil when it is not.
local CONVERT = {
  integer = function(value) return type(value) == "number" and math.tointeger(value) or nil end,
  duration = units.duration,
}

-- Tries "string|table" from the left. Returns whether it fits, and what the value becomes.
local function fit(value, kinds)
  for kind in kinds:gmatch("[^|]+") do
    if CONVERT[kind] then
      local converted = CONVERT[kind](value)
      if converted ~= nil then return true, converted end
    elseif type(value) == kind then
      return true, value
    end
  end
  return false
end

local function noun(kinds)
  return (kinds:gsub("[^|]+", NOUNS):gsub("|", " or "))
end

---@class moontide.CheckRules
---@field required string[]? keys that must be there
---@field path string? of the table when it is itself an option: "resources" names "resources.cpu"

-- Whether the value follows the schema's rule, and then what it becomes, else what it must be.
local function follow(rule, value)
  if type(rule) == "string" then
    local ok, converted = fit(value, rule)
    if ok then return true, converted end
    return false, "must be " .. noun(rule)
  end
  local ok, why = rule(value)
  if ok then return true, value end
  return false, why or "is not valid"
end

-- mt.map calls fn(item, index): a function whose second argument is options gets a number.
local function from_map(op, value)
  if math.type(value) ~= "integer" or not op:find("^docker%.") then return "" end
  return ("; in mt.map, which passes the index too, write function(item) return mt.%s(item) end"):format(op)
end

-- What was given, as a table whose keys are all names.
local function named_values(op, value, path)
  local what = path and ('option "%s"'):format(path) or "options"
  if value == nil then return {} end
  if type(value) ~= "table" then
    fail(op, "%s must be a table, got %s%s", what, show.value(value, path), not path and from_map(op, value) or "")
  end
  for key in next, value do
    if type(key) ~= "string" then
      fail(op, "%s must be {name = value, ...}, got %s as a name", what, show.value(key))
    end
  end
  return value
end

--- Checks a table of options.
---@param op string the function as the caller knows it
---@param value table? nil: no options
---@param schema table<string, string|fun(value: any): boolean, string?> key to "string", "number",
---  "boolean", "table", "function", "integer", "duration", several with "|" between, or a function
---  that returns true, or false and why ("must be ...")
---@param rules moontide.CheckRules?
---@return table options a new table; durations in it are seconds, integers are integers
local function options(op, value, schema, rules)
  local path = rules and rules.path
  local prefix = path and path .. "." or ""
  local given, checked = named_values(op, value, path), {}
  for key, item in ordered.pairs(given) do
    local rule = schema[key]
    if rule == nil then
      fail(op, 'unknown option "%s%s"%s', prefix, show.short(key), near.hint(key, ordered.keys(schema)))
    end
    local ok, result = follow(rule, item)
    if not ok then
      refuse(op, prefix .. key, "%s, got %s", result, show.value(item, key))
    end
    checked[key] = result
  end
  for _, key in ipairs(rules and rules.required or {}) do
    if checked[key] == nil then refuse(op, prefix .. key, "is missing") end
  end
  return checked
end

local function argument(op, name, value, kind)
  local ok, converted = fit(value, kind)
  if not ok then
    fail(op, 'argument "%s" must be %s, got %s', name, noun(kind), show.value(value, name))
  end
  return converted
end

---@param op string
---@param name string of the argument
---@param value any
---@return string value
local function check_string(op, name, value) return argument(op, name, value, "string") end

---@param op string
---@param name string of the argument
---@param value any a float without fraction is taken too
---@return integer value
local function check_integer(op, name, value) return argument(op, name, value, "integer") end

--- A container's name or id: it goes into an URL and must not be able to change what is asked.
---@param op string
---@param name string of the argument
---@param value any
---@return string value
local function check_id(op, name, value)
  if type(value) == "table" and type(value.container_id) == "string" then
    fail(op, 'argument "%s" must be a name or id, got a table; pass its container_id', name)
  end
  check_string(op, name, value)
  if not value:find("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$") then
    fail(op, 'argument "%s" must be a name or id (letters, digits, "_", ".", "-"), got %s', name,
      show.value(value))
  end
  return value
end

return {
  fail = fail, refuse = refuse, nearest = near.nearest, options = options,
  string = check_string, integer = check_integer, id = check_id,
}
