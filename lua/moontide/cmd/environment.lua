--- -e and --env-file, as Docker's: a container's environment. Values may be secrets: no message has one.
--- Pure but for `getenv`, which is given.

local errors = require "moontide.core.errors"

local BOM = "^\239\187\191"

local function set(env, name, value)
  if value ~= nil then env[name] = value end
end

--- Adds "NAME=VALUE", or "NAME" with the value of our own environment when there is one.
---@param env table<string, string>
---@param text string
---@param getenv fun(name: string): string?
---@return true?
---@return string? why
local function add(env, text, getenv)
  local name, value = text:match("^([^=]*)=(.*)$")
  name = name or text
  if name == "" then return nil, "has no name before its =" end
  if name:find("[%s%c]") then return nil, "has a blank in its name; write NAME=VALUE" end
  set(env, name, value or not value and getenv(name) or nil)
  return true
end

--- Adds what a file says: a variable on each line; blank lines and those that begin with # say nothing.
---@param env table<string, string>
---@param path string for messages
---@param text string
---@param getenv fun(name: string): string?
---@return true?
---@return string? why "file.env:3: ..."
local function add_file(env, path, text, getenv)
  local number = 0
  for line in (text:gsub(BOM, "") .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    line = line:gsub("\r$", ""):gsub("^%s+", "")
    local ok, why = true, nil
    if not utf8.len(line) then
      ok, why = nil, "is no valid UTF-8"
    elseif line ~= "" and line:sub(1, 1) ~= "#" then
      ok, why = add(env, line, getenv)
    end
    if not ok then return nil, ("%s:%d: the line %s"):format(errors.escape(path), number, why) end
  end
  return true
end

return {add = add, add_file = add_file}
