--- What the words of a command line stand for on the engine, and in the state file.

local check = require "moontide.core.check"
local docker = require "moontide.docker"
local images = require "moontide.docker.spec.image"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local target = require "moontide.cmd.target"

-- The images that are wished for. A state file that is not there knows none.
local function wished()
  local record = require "moontide.record"
  local host, err = docker.host()
  if not host then return nil, err end
  local wishes
  wishes, err = record.wishes(host)
  if not wishes then return nil, err end
  return ordered.keys(wishes)
end

--- The containers that names and ids stand for, in one call of the engine.
---@param command string "stop"
---@param words string[]
---@return (moontide.Summary|moontide.Error)[]? found for each word the container, or what is wrong with it
---@return moontide.Error? err the engine could not be asked
local function containers(command, words)
  for _, word in ipairs(words) do check.id("moontide." .. command, "NAME", word) end
  local list, err = docker.list {all = true}
  if not list then return nil, err end
  local found = {}
  for i, word in ipairs(words) do
    local summary, why = target.container(command, word, list)
    found[i] = summary or why
  end
  return found
end

--- What a TARGET stands for: a container, or an image that is known. A word that cannot be either raises.
---@param command string
---@param word string
---@return {container: moontide.Summary?, image: string}? found nil, err
---@return moontide.Summary[]|moontide.Error list of all containers
local function one(command, word)
  local fault = not word:find("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$") and images.fault(word)
  if fault then
    check.fail("moontide." .. command, 'TARGET "%s" is neither a name nor an image: %s', show.short(word), fault)
  end
  local list, err = docker.list {all = true}
  if not list then return nil, err end
  local found = target.exact(word, list)
  if found then return found, list end
  local known
  known, err = wished()
  if not known then return nil, err end
  found, err = target.find(command, word, list, known)
  if found then return found, list end
  if err.kind ~= "not_found" or images.fault(word) then return nil, err end
  local image, why = docker.image(word)
  if image then return {image = word}, list end
  return nil, why.kind == "not_found" and err or why
end

return {containers = containers, target = one, wished = wished}
