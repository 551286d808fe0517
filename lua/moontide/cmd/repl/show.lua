--- How values look: readable, bounded, harmless on a terminal. Pure.

local errors = require "moontide.core.errors"
local ordered = require "moontide.core.ordered"
local ports_text = require "moontide.cmd.ports_text"
local show = require "moontide.core.show"
local table_text = require "moontide.core.table_text"

local MAX_DEPTH, MAX_ITEMS, MAX_NODES = 6, 100, 2000
local MAX_KEYS = 10000                  -- of a table: so many are put in order
local MAX_STRING, MAX_TEXT = 200, 65536 -- bytes of a string in a table, and by itself
local NOT_SHOWN = "(not shown)"

local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return "
  .. "then true until while"):gmatch "%a+" do KEYWORDS[word] = true end

local COLUMNS = {
  {key = "name"}, {key = "container_id", title = "id", format = function(id) return id:sub(1, 12) end},
  {key = "image"},
  {key = "status", format = function(status, row)
    return row.health and ("%s (%s)"):format(status, row.health) or status
  end},
  {key = "ports", format = function(ports) return type(ports) == "table" and ports_text(ports) or nil end},
}

-- Escaped, but for what the caller lets pass.
local function clean(text, kept)
  local parts = {}
  for piece, separator in text:gmatch("([^" .. kept .. "]*)([" .. kept .. "]?)") do
    parts[#parts + 1] = errors.escape(piece) .. separator
  end
  return table.concat(parts)
end

local function cut(text, limit)
  if #text <= limit then return text, "" end
  local last = utf8.offset(text, 0, limit + 1) - 1
  return text:sub(1, last), ("... (%d bytes)"):format(#text)
end

local ESCAPES = {["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\"}

local function quoted(text)
  local shown, rest = cut(text, MAX_STRING)
  local parts = {}
  for piece, special in shown:gmatch('([^\n\t\r"\\]*)([\n\t\r"\\]?)') do
    parts[#parts + 1] = errors.escape(piece) .. (ESCAPES[special] or "")
  end
  return '"' .. table.concat(parts) .. '"' .. rest
end

local function key_text(key)
  if type(key) ~= "string" then return ("[%s] = "):format(errors.escape(tostring(key))) end
  if key:find("^[%a_][%w_]*$") and not KEYWORDS[key] then return key .. " = " end
  return ("[%s] = "):format(quoted(key))
end

-- Containers, as the engine's list has them.
local function is_summaries(value)
  if rawlen(value) == 0 then return false end
  for i = 1, rawlen(value) do
    local item = rawget(value, i)
    if type(item) ~= "table" or type(rawget(item, "container_id")) ~= "string"
      or type(rawget(item, "status")) ~= "string" then
      return false
    end
  end
  return true
end

local function err_text(err)
  return ("error (%s): %s"):format(errors.escape(tostring(rawget(err, "kind"))), clean(tostring(err), "\n"))
end

-- Of a variable of the environment as text, the value when it is a secret.
local function without_secret(text)
  local name = text:match("^([%w_]+)=.")
  return name and show.is_secret(name) and name .. "=" .. NOT_SHOWN or text
end

local function scalar(value, state)
  if type(value) == "string" then return quoted(without_secret(value)) end
  if type(value) == "function" then return state.signature(value) or tostring(value) end
  if type(value) == "userdata" and not debug.getmetatable(value) then return "null" end
  return clean(tostring(value), "\n")
end

-- Keys of a table behind its list, in order, and whether there are more.
local function keys_of(value, length)
  local keys, more = {}, false
  for key in next, value do
    local is_listed = math.type(key) == "integer" and key >= 1 and key <= length
    if not is_listed then
      if #keys == MAX_KEYS then
        more = true
        break
      end
      keys[#keys + 1] = key
    end
  end
  local map = {}
  for _, key in ipairs(keys) do map[key] = true end
  return ordered.keys(map), more
end

local piece

local function item_text(key, value, depth, state)
  if type(value) == "string" and show.is_secret(key) then return NOT_SHOWN end
  return piece(value, depth + 1, state)
end

local function items_of(value, depth, state)
  local items, length = {}, rawlen(value)
  local keys, more = keys_of(value, length)
  local shown = math.min(length, MAX_ITEMS)
  for i = 1, shown do items[i] = piece(rawget(value, i), depth + 1, state) end
  for i = 1, math.min(#keys, MAX_ITEMS - shown) do
    items[#items + 1] = key_text(keys[i]) .. item_text(keys[i], rawget(value, keys[i]), depth, state)
  end
  local left = length + #keys - #items
  if left > 0 or more then items[#items + 1] = ("... (%d%s more)"):format(left, more and " or" or "") end
  return items
end

local function in_one_line(items, width)
  local length = 2
  for _, item in ipairs(items) do
    length = length + utf8.len(item) + 2
    if length > width or item:find("\n", 1, true) then return nil end
  end
  return "{" .. table.concat(items, ", ") .. "}"
end

local function table_piece(value, depth, state)
  if depth > MAX_DEPTH then return "{...}" end
  if state.above[value] then return "{... itself}" end
  state.above[value] = true
  local items = items_of(value, depth, state)
  state.above[value] = nil
  local indent = ("  "):rep(depth)
  return in_one_line(items, state.width - #indent - 20)
    or ("{\n%s  %s,\n%s}"):format(indent, table.concat(items, ",\n  " .. indent), indent)
end

-- `depth`: of tables around it.
function piece(value, depth, state)
  state.nodes = state.nodes + 1
  if state.nodes > MAX_NODES then return "..." end
  if type(value) ~= "table" then return scalar(value, state) end
  if errors.is(value) then return err_text(value) end
  local meta = debug.getmetatable(value)
  if meta and rawget(meta, "__tostring") then return clean(tostring(value), "\n") end
  return table_piece(value, depth, state)
end

local function top(value, options)
  local state = {nodes = 0, above = {}, width = options.width or 100, signature = options.signature}
  if type(value) == "string" then
    local text, rest = cut(value, MAX_TEXT)
    return clean(text, "\n\t") .. rest
  end
  if type(value) == "table" and is_summaries(value) then
    return (table_text(value, COLUMNS, {width = options.width}):gsub("\n$", ""))
  end
  return piece(value, 0, state)
end

--- The values of an expression.
---@param values table with `n`
---@param options {width: integer?, signature: fun(fn: function): string?} width: of the terminal
---@return string? text nil: there are none
local function values_text(values, options)
  local parts, separator = {}, "\t"
  for i = 1, values.n do
    parts[i] = top(values[i], options)
    if parts[i]:find("\n", 1, true) then separator = "\n" end
  end
  return values.n > 0 and table.concat(parts, separator) or nil
end

return {values = values_text, is_summaries = is_summaries}
