--- What a route says of its body, its query and its parameters, and whether a request follows; pure.
---
--- A field is a type ("string", "integer", "number", "boolean", "object", "array", "any"), with "[]" a
--- list of it, with "?" optional; or a table {type = ..., min =, max =, enum =, default =, fields =,
--- description =}.

local check = require "moontide.core.check"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"

local function is_array(value)
  local meta = getmetatable(value)
  return meta ~= nil and meta.__jsontype == "array" or value[1] ~= nil
end

local function is_null(value) return type(value) == "userdata" end

local function is_table(value) return type(value) == "table" end

-- What the value of a type becomes; nil: it is of another.
local TYPES = {
  string = function(value) return type(value) == "string" and value or nil end,
  integer = function(value) return type(value) == "number" and math.tointeger(value) or nil end,
  number = function(value) return type(value) == "number" and value or nil end,
  boolean = function(value) if type(value) == "boolean" then return value end end,
  object = function(value) return is_table(value) and not is_array(value) and value or nil end,
  array = function(value) return is_table(value) and (is_array(value) or next(value) == nil) and value or nil end,
  any = function(value) return value end,
}

local NOUNS = {
  string = "a string", integer = "a whole number", number = "a number", boolean = "true or false",
  object = "an object", array = "a list", any = "anything",
}

-- What the text of a query or of a path becomes.
local FROM_TEXT = {
  integer = function(text) return text:find("^-?%d+$") and math.tointeger(tonumber(text)) or nil end,
  number = function(text) return text:find("^-?%d+%.?%d*$") and tonumber(text) or nil end,
  boolean = function(text) if text == "true" or text == "false" then return text == "true" end end,
}

local FIELD = {
  type = "string", description = "string", min = "number", max = "number", enum = "table", fields = "table",
  default = function() return true end,
}

local compile

local function field_of(op, where, given)
  if type(given) == "string" then given = {type = given} end
  if type(given) ~= "table" then
    check.fail(op, '%s must be a type, as "integer?", or a table with one; got %s', where, show.value(given))
  end
  local field = check.options(op, given, FIELD, {path = where})
  local name, list, optional = (field.type or "any"):match("^(%l+)(%[?%]?)(%??)$")
  if not TYPES[name] or #list == 1 then
    check.fail(op, '%s: "%s" is no type%s', where, show.short(field.type), near.hint(field.type, ordered.keys(TYPES)))
  end
  field.type, field.list, field.optional = name, list == "[]", optional == "?" or field.default ~= nil
  if field.fields then field.fields = compile(op, where, field.fields) end
  return field
end

--- Reads what a route says; raises what makes no sense.
---@param op string the function as the caller knows it
---@param where string what the message calls it: 'POST /scale: body'
---@param given table<string, any> name to field
---@return table<string, table> fields
function compile(op, where, given)
  if type(given) ~= "table" then check.fail(op, "%s must be a table of fields, got %s", where, show.value(given)) end
  local fields = {}
  for name, field in ordered.pairs(given) do
    if type(name) ~= "string" then
      check.fail(op, "%s must be {name = type, ...}, got %s as a name", where, show.value(name))
    end
    fields[name] = field_of(op, where .. "." .. name, field)
  end
  return fields
end

local follow

-- Why a value of the right type is out of bounds; nil: it is not.
local function out_of_bounds(field, value)
  local size, unit = value, ""
  if type(value) == "string" then size, unit = utf8.len(value) or #value, " characters" end
  if type(value) == "table" then size, unit = #value, " items" end
  if field.min and size < field.min then return ("must be at least %s%s"):format(field.min, unit) end
  if field.max and size > field.max then return ("must be at most %s%s"):format(field.max, unit) end
  for _, allowed in ipairs(field.enum or {}) do
    if allowed == value then return nil end
  end
  if not field.enum then return nil end
  local shown = {}
  for i, allowed in ipairs(field.enum) do shown[i] = tostring(allowed) end
  return "must be one of " .. table.concat(shown, ", ")
end

local function problem(name, format, ...)
  return nil, {field = name, error = ('"%s" %s'):format(show.short(name), format:format(...))}
end

-- One value, or one item of a list.
local function check_one(field, name, value)
  local converted = TYPES[field.type](value)
  if converted == nil then return problem(name, "must be %s, got %s", NOUNS[field.type], show.value(value, name)) end
  local why = out_of_bounds(field, converted)
  if why then return problem(name, "%s, got %s", why, show.value(value, name)) end
  if field.fields then return follow(field.fields, converted, name .. ".") end
  return converted
end

local function check_list(field, name, value)
  if not TYPES.array(value) then return problem(name, "must be a list, got %s", show.value(value, name)) end
  local items = setmetatable({}, getmetatable(value))
  for i, item in ipairs(value) do
    local checked, err = check_one(field, ("%s[%d]"):format(name, i), item)
    if err then return nil, err end
    items[i] = checked
  end
  return items
end

--- Whether a table follows the fields. A null stands for what is not there where that is optional.
---@param fields table of compile
---@param given table
---@param prefix string? of the names
---@return table? checked a new table, with defaults
---@return {field: string, error: string}? err
function follow(fields, given, prefix)
  prefix = prefix or ""
  for name in ordered.pairs(given) do
    if not fields[name] then
      return problem(prefix .. name, "is not known%s", near.hint(name, ordered.keys(fields)))
    end
  end
  local checked = {}
  for name, field in ordered.pairs(fields) do
    local value = given[name]
    if field.optional and is_null(value) then value = nil end
    if value == nil then
      if not field.optional then return problem(prefix .. name, "is missing") end
      checked[name] = field.default
    else
      local result, err = (field.list and check_list or check_one)(field, prefix .. name, value)
      if err then return nil, err end
      checked[name] = result
    end
  end
  return checked
end

--- As follow, of texts: those of a query or a path become what their fields say.
---@param fields table of compile
---@param given table<string, string>
---@return table? checked
---@return {field: string, error: string}? err
local function follow_texts(fields, given)
  local values = {}
  for name, text in pairs(given) do
    local convert = fields[name] and FROM_TEXT[fields[name].type]
    values[name] = text
    if convert then values[name] = convert(text) end
    if values[name] == nil then values[name] = text end -- the check says what it must be
  end
  return follow(fields, values)
end

return {compile = compile, follow = follow, follow_texts = follow_texts}
