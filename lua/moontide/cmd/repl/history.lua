--- The lines that were typed in earlier sessions.

local repl = require "moontide.c.repl"
local secrets = require "moontide.cmd.repl.secrets"

local KEPT = 1000
local MAX_FILE = 64 << 20

--- Where they are kept.
---@param getenv fun(name: string): string?
---@return string? path nil: nowhere
local function path_of(getenv)
  local state, home = getenv "XDG_STATE_HOME", getenv "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/moontide/history" end
  return home and home:sub(1, 1) == "/" and home .. "/.local/state/moontide/history" or nil
end

--- Whether the line is written down: not one that begins with a blank, or has a secret.
---@param line string
---@return boolean
local function is_kept(line)
  return line:find("%S") ~= nil and not line:find("^%s") and not line:find("[\0\n]") and not secrets.has_secret(line)
end

-- The last lines of the file.
local function read(path)
  local file, lines = io.open(path, "rb"), {}
  local text = file and file:read(MAX_FILE) or ""
  if file then file:close() end
  for line in text:gmatch("[^\n]+") do lines[#lines + 1] = line end
  return table.move(lines, math.max(1, #lines - KEPT + 1), #lines, 1, {})
end

---@class moontide.History
local History = {}
History.__index = History

--- Puts a line where the arrow keys find it, and in the file.
---@param line string
---@return string? why the file cannot be written; said once
function History:add(line)
  if not is_kept(line) then return nil end
  repl.remember(line)
  if not self.path then return nil end
  local done, why = repl.history_add(self.path, line)
  if done then return nil end
  why, self.path = ("history is not kept: %s: %s"):format(self.path, why), nil
  return why
end

--- What earlier sessions have left, for the arrow keys.
---@return moontide.History
local function open()
  local self = setmetatable({path = path_of(os.getenv)}, History)
  for _, line in ipairs(self.path and read(self.path) or {}) do repl.remember(line) end
  return self
end

return {open = open, path_of = path_of, is_kept = is_kept}
