--- How a value looks in a message: short, harmless on a terminal, never a secret.

local errors = require "moontide.core.errors"

local SECRET_WORDS = {"pass", "secret", "token", "key", "credential", "auth"}
local MAX_SHOWN = 40 -- bytes of a value

--- Whether a value of that name may never be printed.
---@param name any
---@return boolean
local function is_secret(name)
  if type(name) ~= "string" then return false end
  local lower = name:lower()
  if lower == "env" then return true end -- its text is NAME=VALUE
  for _, word in ipairs(SECRET_WORDS) do
    if lower:find(word, 1, true) then return true end
  end
  return false
end

--- Text for a message: at most 40 bytes of it, escaped.
---@param text string
---@return string
local function short(text)
  if #text <= MAX_SHOWN then return errors.escape(text) end
  local cut = MAX_SHOWN
  while cut > MAX_SHOWN - 3 and text:byte(cut + 1) & 0xc0 == 0x80 do cut = cut - 1 end
  return errors.escape(text:sub(1, cut)) .. "..."
end

--- A value for a message: `string "x"`, `number 1`, `nil`, `null`, `table`.
---@param value any
---@param name string? of the option: a secret's value is not shown
---@return string
local function show_value(value, name)
  local kind = type(value)
  if kind == "userdata" then return getmetatable(value) and "userdata" or "null" end
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then return kind end
  if is_secret(name) then return kind .. " (not shown: it may be a secret)" end
  if kind ~= "string" then return ("%s %s"):format(kind, value) end
  return ('string "%s"'):format(short(value))
end

return {value = show_value, short = short, is_secret = is_secret}
