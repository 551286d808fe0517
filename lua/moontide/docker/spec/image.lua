--- Image references: [registry[:port]/]repository[:tag][@digest]; pure. The grammar is that of
--- github.com/distribution/reference.

local check = require "moontide.core.check"
local show = require "moontide.core.show"

local MAX_REPOSITORY = 255
local MAX_TAG = 128
local SEPARATORS = {["."] = true, ["_"] = true, ["__"] = true}

local function is_component(text)
  if not text:find("^[a-z0-9].*[a-z0-9]$") and not text:find("^[a-z0-9]$") then return false end
  if text:find("[^a-z0-9._-]") then return false end
  for run in text:gmatch("[._-]+") do
    if not SEPARATORS[run] and run:find("[^-]") then return false end
  end
  return true
end

-- The first part is a registry when it cannot be a part of a repository's name.
local function is_registry(text) return text == "localhost" or text:find("[.:]") ~= nil end

local function repository_fault(repository)
  if #repository > MAX_REPOSITORY then return ("the repository is longer than %d bytes"):format(MAX_REPOSITORY) end
  local first, rest = repository:match("^([^/]*)/(.*)$")
  if first and is_registry(first) then
    local host = first:gsub(":%d+$", "")
    if not host:find("^[a-zA-Z0-9][a-zA-Z0-9.-]*$") and not host:find("^%[[%x:]+%]$") then
      return ('"%s" is no registry'):format(show.short(first))
    end
    repository = rest
  end
  if repository:find("[A-Z]") then
    return ('a repository is in lower case; write "%s"'):format(show.short(repository:lower()))
  end
  for component in (repository .. "/"):gmatch("([^/]*)/") do
    if not is_component(component) then return ('"%s" is no repository'):format(show.short(repository)) end
  end
  return nil
end

local function digest_fault(digest)
  local algorithm, hash = digest:match("^([a-z0-9+._-]+):(%x+)$")
  if algorithm == "sha256" and #hash == 64 or algorithm == "sha512" and #hash == 128 then return nil end
  return "the digest must be sha256: and 64 hexadecimal digits"
end

--- The parts of a reference, which need not be a good one.
---@param reference string "registry:5000/me/web:1@sha256:..."
---@return string repository "registry:5000/me/web"
---@return string? tag
---@return string? digest
local function parts(reference)
  local name, digest = reference:match("^([^@]*)@(.*)$")
  name = name or reference
  local path, last = name:match("^(.*/)([^/]*)$")
  local base, tag = (last or name):match("^([^:]*):(.*)$") -- a colon before the last "/" is a registry's port
  return (path or "") .. (base or last or name), tag, digest
end

--- What is wrong with an image reference.
---@param reference string
---@return string? why nil: nothing
local function fault(reference)
  if reference == "" then return "it is empty" end
  if reference:find("[\0\1-\32\127]") then return "it has blanks or control characters" end
  local repository, tag, digest = parts(reference)
  if tag and (#tag > MAX_TAG or not tag:find("^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$")) then
    return ('the tag "%s" is none: letters, digits, "_", ".", "-", at most %d'):format(show.short(tag), MAX_TAG)
  end
  return repository_fault(repository) or digest and digest_fault(digest) or nil
end

-- What an engine may put before a name that has no registry: Docker nothing, Podman all of them.
local PREFIXES = {"", "docker.io/", "docker.io/library/", "localhost/"}

--- Whether a tag that the engine lists is what the caller calls so: without a tag any one is.
---@param listed string "docker.io/library/web:1"
---@param name string "web", "web:1"
---@return boolean
local function names(listed, name)
  local repository, tag = parts(listed)
  local wanted, wanted_tag = parts(name)
  if wanted_tag and wanted_tag ~= tag then return false end
  for _, prefix in ipairs(PREFIXES) do
    if repository == prefix .. wanted or prefix .. repository == wanted then return true end
  end
  return false
end

--- An argument that is an image's name or id; raises when it is none.
---@param op string
---@param name string of the argument
---@param value any
---@return string value
local function argument(op, name, value)
  check.string(op, name, value)
  local why = fault(value)
  if why then check.fail(op, 'argument "%s" is a bad image reference: %s, got %s', name, why, show.value(value)) end
  return value
end

return {fault = fault, parts = parts, names = names, argument = argument}
