--- What runs in a container: its words, environment, user and directory. Readers are
--- (op, option, value) -> what the engine takes, and raise what a caller got wrong; pure.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local values = require "moontide.docker.spec.values"
local word_list = require "moontide.docker.spec.words"

-- Linux gives one string of a program's environment or arguments 32 pages (MAX_ARG_STRLEN).
local MAX_STRING = 131071

-- Words of a program: what a list holds, checked.
local function list_of_words(op, option, value)
  local words, count = values.list(), 0
  for _ in next, value do count = count + 1 end
  for i, item in ipairs(value) do
    local text = type(item) ~= "boolean" and values.text_of(item)
    if not text then check.refuse(op, option, "must be a list of strings, got a %s as word %d", type(item), i) end
    if text:find("\0") then check.refuse(op, option, "has a NUL byte in word %d", i) end
    if #text > MAX_STRING then check.refuse(op, option, "has %d bytes in word %d, at most %d", #text, i, MAX_STRING) end
    words[i] = text
  end
  if count ~= #words then check.refuse(op, option, "must be a list of strings without gaps or names") end
  if count == 0 then check.refuse(op, option, "is empty; leave it out for the image's own") end
  return words
end

local function words(op, option, value)
  if type(value) == "string" then
    local list, why = word_list.split(value)
    if not list then check.refuse(op, option, "cannot be split into words: %s", why) end
    value = list
  end
  return list_of_words(op, option, value)
end

-- An empty text clears the image's entrypoint, as `docker run --entrypoint ""`; an empty list would keep it.
local function entrypoint(op, option, value)
  if value == "" then return {""} end
  return words(op, option, value)
end

local function env_entry(op, option, key, value)
  if type(key) ~= "string" then
    check.refuse(op, option, 'must be {NAME = "value", ...}, got %s as a name', show.value(key))
  end
  if key == "" or key:find("[=\0\1-\32\127]") then
    check.refuse(op, option, 'has the bad name "%s": no blanks, no "=", not empty', show.short(key))
  end
  local text = values.text_of(value)
  if not text then
    check.refuse(op, option, 'must have a string, number or boolean for "%s", got %s', show.short(key), type(value))
  end
  local entry = key .. "=" .. text
  if text:find("\0") then check.refuse(op, option, 'has a NUL byte in "%s"', show.short(key)) end
  if #entry > MAX_STRING then
    check.refuse(op, option, 'has %d bytes in "%s", at most %d; use a file', #entry, show.short(key), MAX_STRING)
  end
  return entry
end

local function env(op, option, value)
  local list = values.list()
  for key, item in ordered.pairs(value) do list[#list + 1] = env_entry(op, option, key, item) end
  return list
end

local function user(op, option, value)
  local text = tostring(value)
  if not text:find("^[a-zA-Z0-9_][a-zA-Z0-9_.-]*:?[a-zA-Z0-9_.-]*$") then
    check.refuse(op, option, 'must be a user, an uid, or "user:group", got %s', show.value(value))
  end
  return text
end

local function workdir(op, option, value)
  if not value:find("^/") or value:find("\0") then
    check.refuse(op, option, "must be an absolute path in the container, got %s", show.value(value))
  end
  return value
end

return {
  list_of_words = list_of_words, words = words, entrypoint = entrypoint, env = env, user = user,
  workdir = workdir,
}
