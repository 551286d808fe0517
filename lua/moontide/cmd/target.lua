--- What a word of the command line stands for: a container, or an image; pure.

local errors = require "moontide.core.errors"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"

local MAX_LISTED = 5 -- names in a message

--- The image under which a container is managed.
---@param summary moontide.Summary
---@return string
local function image_of(summary) return (summary.labels or {})["orchestrator.image"] or summary.image end

-- The containers whose id begins with that.
local function with_prefix(word, list)
  local found = {}
  if not word:find("^%x+$") then return found end
  for _, summary in ipairs(list) do
    if summary.container_id:sub(1, #word) == word then found[#found + 1] = summary end
  end
  return found
end

local function by(key, word, list)
  for _, summary in ipairs(list) do
    if summary[key] == word then return summary end
  end
  return nil
end

-- The nearest name first, then those that have the word in them.
local function by_likeness(word, names)
  local nearest, sorted, rest = near.nearest(word, names), {}, {}
  sorted[1] = nearest
  for _, name in ipairs(names) do
    local list = name:find(word, 1, true) and sorted or rest
    if name ~= nearest then list[#list + 1] = name end
  end
  return table.move(rest, 1, #rest, #sorted + 1, sorted)
end

-- "web, db and 7 more".
local function listed(word, names)
  local out = {}
  for i, name in ipairs(by_likeness(word, names)) do
    if i <= MAX_LISTED then out[i] = show.short(name) end
  end
  local more = #names > #out and (" and %d more"):format(#names - #out) or ""
  return table.concat(out, ", ") .. more
end

--- The end of a message about a word that stands for nothing: "; there are web, db".
---@param word string
---@param names string[]
---@return string
local function hint(word, names)
  if #names == 0 then return "; there are none" end
  return ("; there %s %s"):format(#names == 1 and "is" or "are", listed(word, names))
end

local function names_of(list)
  local names = {}
  for i, summary in ipairs(list) do names[i] = summary.name end
  return names
end

local function ambiguous(op, word, found)
  return errors.fail(op, "invalid", 'the id "%s" is short for %d containers (%s); write more of it', word, #found,
    listed(word, names_of(found)))
end

--- The container of exactly that name or id.
---@param word string
---@param list moontide.Summary[]
---@return {container: moontide.Summary, image: string}?
local function exact(word, list)
  local summary = by("name", word, list) or by("container_id", word, list)
  return summary and {container = summary, image = image_of(summary)} or nil
end

--- The container of a name, an id, or the beginning of an id that no other has.
---@param op string for the message: "stop"
---@param word string
---@param list moontide.Summary[]
---@return moontide.Summary?
---@return moontide.Error? err
local function container(op, word, list)
  local named = exact(word, list)
  if named then return named.container end
  local found = with_prefix(word, list)
  if #found == 1 then return found[1] end
  if #found > 1 then return ambiguous(op, word, found) end
  return errors.fail(op, "not_found", 'no container "%s"%s', show.short(word), hint(word, names_of(list)))
end

-- Also with the tag that is meant when there is none.
local function image_named(word, known)
  for _, name in ipairs {word, word .. ":latest", (word:gsub(":latest$", ""))} do
    if known[name] then return name end
  end
  return nil
end

--- What the word stands for: a name or an id before an image, and an image before the beginning of an id.
---@param op string
---@param word string
---@param list moontide.Summary[] of all containers
---@param images string[] that are wished for, or on the engine
---@return {container: moontide.Summary?, image: string}?
---@return moontide.Error? err
local function find(op, word, list, images)
  local named = exact(word, list)
  if named then return named end
  local known, names = {}, names_of(list)
  for _, image in ipairs(images) do known[image] = true end
  for _, summary in ipairs(list) do known[summary.image], known[image_of(summary)] = true, true end
  local image = image_named(word, known)
  if image then return {image = image} end
  local found = with_prefix(word, list)
  if #found == 1 then return {container = found[1], image = image_of(found[1])} end
  if #found > 1 then return ambiguous(op, word, found) end
  for _, name in ipairs(ordered.keys(known)) do
    if not by("name", name, list) then names[#names + 1] = name end
  end
  return errors.fail(op, "not_found", 'no container or image "%s"%s', show.short(word), hint(word, names))
end

return {container = container, exact = exact, find = find, hint = hint, image_of = image_of}
