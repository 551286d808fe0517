--- Command lines that need no explanation, read without argparse: to load it takes longer than all
--- else that a short command does in Lua. What is not plainly right is argparse's to judge.

-- Stands in for argparse while the options are declared, and notes them.
local Recorder = {}
Recorder.__index = Recorder

-- The methods of an option or argument, as argparse has them; one that is not known here makes nothing
-- plain any more.
local Item = {}

function Item:choices(list)
  self.words, self.allowed = list, {}
  for _, word in ipairs(list) do self.allowed[word] = true end
  return self
end

-- Only of arguments: at most one, any number, or one and more; the latter two are a list.
function Item:args(count)
  self.optional = count == "?" or count == "*"
  self.many = count == "+" or count == "*"
  self.recorder.plain = self.recorder.plain and (self.optional or self.many)
  return self
end

function Item:argname() return self end

-- Of options that may be given more than once: a list.
function Item:count(count)
  self.list = count == "*"
  self.recorder.plain = self.recorder.plain and self.list
  return self
end

local function unknown_method(item)
  item.recorder.plain = false
  return function() return item end
end

local function entry(recorder, fields)
  fields.recorder = recorder
  return setmetatable(fields, {__index = function(item, key) return Item[key] or unknown_method(item) end})
end

-- "-H --host" is found by both, and is options.host.
local function add(self, names, description, value)
  local long = names:match("%-%-(%S+)") or names:match("%-(%S+)")
  local item = entry(self, {
    key = long:gsub("%-", "_"), value = value, allowed = false, optional = false, list = false,
    description = description, names = names, words = false,
  })
  self.order[#self.order + 1] = item
  for name in names:gmatch("%S+") do self.options[name] = item end
  return item
end

function Recorder:option(names, description) return add(self, names, description, true) end

function Recorder:flag(names, description) return add(self, names, description, false) end

function Recorder:argument(name, description)
  local item = entry(self, {
    key = name, allowed = false, optional = false, list = false, many = false, description = description,
    words = false, names = false,
  })
  self.arguments[#self.arguments + 1] = item
  return item
end

--- What is declared.
---@param declare fun(parser: table) declares options and arguments, by argparse's methods
---@return {options: table<string, table>, order: table[], arguments: table[], plain: boolean} options: by
---  name; order: as they were declared; plain: whether all of it is understood here
local function record(declare)
  local self = setmetatable({options = {}, order = {}, arguments = {}, plain = true}, Recorder)
  declare(self)
  return self
end

local function is_option(word) return word:sub(1, 1) == "-" and word ~= "-" end

local function put(item, result, value)
  if not item.list then
    result[item.key] = value
    return
  end
  result[item.key] = result[item.key] or {}
  table.insert(result[item.key], value)
end

-- Whether the option may be there, in that form.
local function is_welcome(item, with_equals, result)
  return item and (item.value or not with_equals) and (result[item.key] == nil or item.list)
end

-- Returns the index of the last word that was read; nil: not plain.
local function read_option(self, words, i, result)
  local name, value = words[i]:match("^(%-%-[^=]+)=(.*)$")
  local item = self.options[name or words[i]]
  if not is_welcome(item, name ~= nil, result) then return nil end
  if item.value and not name then
    i = i + 1
    value = words[i]
    if not value or is_option(value) then return nil end
  end
  if item.allowed and not item.allowed[value] then return nil end
  put(item, result, item.value and value or true)
  return i
end

-- Returns whether the word may be the next argument; `given`: how many came before it.
local function read_argument(self, word, given, result)
  local last = self.arguments[#self.arguments]
  local item = self.arguments[given + 1] or last and last.many and last
  if not item or item.allowed and not item.allowed[word] then return false end
  if item.many then
    result[item.key] = result[item.key] or {}
    table.insert(result[item.key], word)
  else
    result[item.key] = word
  end
  return true
end

-- Whether it may stand there without another word; a list that may be empty is one.
local function is_complete(self, given, result)
  local missing = self.arguments[given + 1]
  if missing and missing.many and missing.optional then result[missing.key] = {} end
  return not (missing and not missing.optional)
end

--- The options as argparse would give them, or nil when it has to be asked.
---@param declare fun(parser: table)
---@param words string[]
---@return table<string, string|true|string[]>?
local function read(declare, words)
  local self, result, given, i = record(declare), {}, 0, 1
  while self.plain and i and i <= #words do
    if is_option(words[i]) then
      i = read_option(self, words, i, result)
    else
      if not read_argument(self, words[i], given, result) then return nil end
      given = given + 1
    end
    i = i and i + 1
  end
  return self.plain and i and is_complete(self, given, result) and result or nil
end

--- The options that take the next word as their value.
---@param declare fun(parser: table)
---@return table<string, boolean> by name
local function values(declare)
  local names = {}
  for name, item in pairs(record(declare).options) do names[name] = item.value end
  return names
end

return {read = read, record = record, values = values}
