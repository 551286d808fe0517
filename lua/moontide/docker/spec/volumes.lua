--- A spec's `volumes`: directories of the host and named volumes; pure.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"
local values = require "moontide.docker.spec.values"

local FORM = '"/host/dir:/dir", "volume:/dir" or "/host/dir:/dir:ro"'

local MODES = {}
for mode in ([[ro rw z Z nocopy consistent cached delegated
  shared rshared slave rslave private rprivate]]):gmatch("%S+") do MODES[mode] = true end

-- What is wrong with one volume, and where in the container it goes.
local function fault(text)
  local source, target, mode, rest = text:match("^([^:]*):([^:]*):?([^:]*)(.*)$")
  if not source or source == "" or rest ~= "" then return "is not like " .. FORM end
  if not source:find("^/") and not source:find("^[a-zA-Z0-9][a-zA-Z0-9_.-]+$") then
    return "begins with neither an absolute path nor a volume's name"
  end
  if not target:find("^/") then return "does not go to an absolute path in the container" end
  target = target:gsub("/+", "/"):gsub("(.)/$", "%1")
  if target == "/" then return "hides / of the container" end
  for word in mode:gmatch("[^,]+") do
    if not MODES[word] then return ('has the unknown mode "%s" (try "ro" or "rw")'):format(show.short(word)) end
  end
  if text:find("\0") then return "has a NUL byte" end
  return nil, target
end

-- "source:target[:mode]" of a list's element or a map's pair.
local function text_of(op, option, key, value)
  if type(value) ~= "string" then
    check.refuse(op, option, "must hold texts like %s, got %s", FORM, show.value(value))
  end
  return type(key) == "string" and key .. ":" .. value or value
end

---@param op string
---@param option string
---@param value table list of "source:target[:mode]", or map {[source] = "target[:mode]"}
---@return string[] binds
local function read(op, option, value)
  local binds, targets = values.list(), {}
  for key, item in ordered.pairs(value) do
    local text = text_of(op, option, key, item)
    local why, target = fault(text)
    if why then check.refuse(op, option, "has a volume that %s, got %s", why, show.value(text)) end
    if targets[target] then check.refuse(op, option, 'has two volumes for "%s"', show.short(target)) end
    targets[target] = true
    binds[#binds + 1] = text
  end
  return binds
end

return {read = read}
