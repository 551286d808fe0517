--- Which lines are written down, and where: pure.

local show = require "moontide.core.show"

-- What may stand between a secret's name and its value: `token = "x"`, `["api-key"]: x`, `password("x")`,
-- `"token", "x"`, `--password x`.
local SEPARATORS = {
  "^[\"']?%]?%s*=%s*[^=%s]", "^[\"']?%]?%s*:%s*[^:%s]", "^%s*%(?%s*[\"'][^\"']", "^[\"']%s*,%s*[\"'][^\"']",
}

local function has_value(line, from, to)
  local rest = line:sub(to + 1)
  for _, separator in ipairs(SEPARATORS) do
    if rest:find(separator) then return true end
  end
  return line:sub(1, from - 1):find("%-%-$") ~= nil and rest:find("^%s+%S") ~= nil
end

--- Whether a secret's value may be in the line: a name with "pass", "secret", "token", "key", "credential"
--- or "auth" in it, and a value behind it.
---@param line string
---@return boolean
local function has_secret(line)
  local at = 1
  while true do
    local from, to = line:find("[%a_][%w_%-]*", at)
    if not from then return false end
    local name = line:sub(from, to)
    if name ~= "env" and show.is_secret(name) and has_value(line, from, to) then return true end
    at = to + 1
  end
end

--- Where they are kept.
---@param getenv fun(name: string): string?
---@return string? path nil: nowhere
local function path(getenv)
  local state, home = getenv "XDG_STATE_HOME", getenv "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/moontide/history" end
  return home and home:sub(1, 1) == "/" and home .. "/.local/state/moontide/history" or nil
end

--- Whether the line is written down: not one that begins with a blank, or has a secret.
---@param line string
---@return boolean
local function is_kept(line)
  return line:find("%S") ~= nil and not line:find("^%s") and not line:find("[\0\n]") and not has_secret(line)
end

return {has_secret = has_secret, is_kept = is_kept, path = path}
