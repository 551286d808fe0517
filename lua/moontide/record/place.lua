--- Where the state file is; pure.

local errors = require "moontide.core.errors"

local function given(value) return value ~= nil and value ~= "" and value or nil end

--- The state file's path: what was said, else $MOONTIDE_STATE, else among the user's other state.
---@param said string? --state
---@param environment fun(name: string): string? os.getenv
---@return string?
---@return moontide.Error? err of kind "invalid": there is no home
local function find(said, environment)
  local path = given(said) or given(environment "MOONTIDE_STATE")
  if path then return path end
  local state = given(environment "XDG_STATE_HOME")
  -- "All paths set in these environment variables must be absolute. If [...] relative, [...] ignore it."
  if state and state:sub(1, 1) == "/" then return state .. "/moontide/state.db" end
  local home = given(environment "HOME")
  if home then return home .. "/.local/state/moontide/state.db" end
  return errors.fail("state", "invalid",
    "there is no place for the state file: neither --state, $MOONTIDE_STATE, $XDG_STATE_HOME nor $HOME is set; set one")
end

return {find = find}
