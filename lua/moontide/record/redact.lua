--- Leaves out what is secret; pure but for what it has learned: the values of secrets in env that were seen, which
--- texts may have in them.

local show = require "moontide.core.show"

local REDACTED = "(redacted)"
local SHORTEST = 6     -- bytes; shorter values are in any text
local REMEMBERED = 1000
local MAX_DEPTH = 100

local known, count = {}, 0 -- secret value -> true

local function learn_value(value)
  value = tostring(value)
  if #value < SHORTEST or known[value] then return end
  if count >= REMEMBERED then known, count = {}, 0 end
  known[value], count = true, count + 1
end

-- {NAME = value}, or {"NAME=value"}.
local function learn_env(env)
  for name, value in next, env do
    if type(name) == "number" and type(value) == "string" then name, value = value:match("^([^=]*)=(.*)$") end
    if show.is_secret(name) and (type(value) == "string" or type(value) == "number") then learn_value(value) end
  end
end

--- Remembers the secrets of every `env` in it.
---@param value any
---@param depth integer? how deep it may still go
local function learn(value, depth)
  depth = depth or MAX_DEPTH
  if type(value) ~= "table" or depth == 0 then return end
  for key, item in next, value do
    if key == "env" and type(item) == "table" then learn_env(item) end
    learn(item, depth - 1)
  end
end

--- A text without the secrets that are known.
---@param words string
---@return string
local function text(words)
  local found = {}
  for value in next, known do
    if words:find(value, 1, true) then found[#found + 1] = value end
  end
  table.sort(found, function(a, b) return #a > #b end) -- one may be a part of another
  for _, value in ipairs(found) do
    words = words:gsub(value:gsub("%p", "%%%0"), REDACTED)
  end
  return words
end

local harmless

-- "NAME=value", as in a list of env.
local function assignment(words)
  local name, value = words:match("^([%w_]+)=(.*)$")
  if name and value ~= "" and show.is_secret(name) then return name .. "=" .. REDACTED end
  return text(words)
end

local function leaf(value, secret)
  local kind = type(value)
  if secret and (kind == "string" or kind == "number") then return REDACTED end
  return kind == "string" and assignment(value) or value
end

--- A copy without secrets. What has a secret's name is redacted with all that is in it; `env` by its own names.
---@param value any
---@param secret boolean? whether its name says so
---@param depth integer?
---@return any
function harmless(value, secret, depth)
  depth = depth or MAX_DEPTH
  if type(value) ~= "table" then return leaf(value, secret) end
  if depth == 0 then return REDACTED end
  local copy = {}
  for key, item in next, value do
    local map_of_env = key == "env" and type(item) == "table"
    copy[key] = harmless(item, secret or not map_of_env and show.is_secret(key), depth - 1)
  end
  return setmetatable(copy, getmetatable(value))
end

return {learn = learn, text = text, harmless = harmless}
