--- Command lines that need no explanation, read without argparse: to load it takes longer than all
--- else that a short command does in Lua. What is not plainly right is argparse's to judge.

-- Stands in for argparse while the options are declared, and notes them.
local Recorder = {}
Recorder.__index = Recorder

local function recorder() return setmetatable({options = {}, arguments = {}, plain = true}, Recorder) end

-- The methods of an option or argument; one that is not known here makes nothing plain any more.
local function entry(self, fields)
  local methods = {
    choices = function(item, list)
      item.allowed = {}
      for _, word in ipairs(list) do item.allowed[word] = true end
      return item
    end,
    args = function(item, count)
      item.optional = count == "?"
      self.plain = self.plain and item.optional
      return item
    end,
  }
  return setmetatable(fields, {__index = function(_, key)
    if methods[key] then return methods[key] end
    self.plain = false
    return function(item) return item end
  end})
end

-- "-H --host" is found by both, and is options.host.
local function add(self, names, value)
  local long = names:match("%-%-(%S+)") or names:match("%-(%S+)")
  local item = entry(self, {key = long:gsub("%-", "_"), value = value, allowed = false, optional = false})
  for name in names:gmatch("%S+") do self.options[name] = item end
  return item
end

function Recorder:option(names) return add(self, names, true) end

function Recorder:flag(names) return add(self, names, false) end

function Recorder:argument(name)
  local item = entry(self, {key = name, allowed = false, optional = false})
  self.arguments[#self.arguments + 1] = item
  return item
end

local function is_option(word) return word:sub(1, 1) == "-" and word ~= "-" end

-- Returns the index of the last word that was read; nil: not plain.
local function read_option(self, words, i, result)
  local name, value = words[i]:match("^(%-%-[^=]+)=(.*)$")
  local item = self.options[name or words[i]]
  if not item or result[item.key] ~= nil or name and not item.value then return nil end
  if item.value and not name then
    i = i + 1
    value = words[i]
    if not value or is_option(value) then return nil end
  end
  if item.allowed and not item.allowed[value] then return nil end
  result[item.key] = item.value and value or true
  return i
end

--- The options as argparse would give them, or nil when it has to be asked.
---@param declare fun(parser: table) declares options and arguments, by argparse's methods
---@param words string[]
---@return table<string, string|true>?
local function read(declare, words)
  local self, result, given, i = recorder(), {}, 0, 1
  declare(self)
  while self.plain and i and i <= #words do
    if is_option(words[i]) then
      i = read_option(self, words, i, result)
    else
      given = given + 1
      local item = self.arguments[given]
      if not item or item.allowed then return nil end
      result[item.key] = words[i]
    end
    i = i and i + 1
  end
  local missing = self.arguments[given + 1]
  return self.plain and i and not (missing and not missing.optional) and result or nil
end

return {read = read}
