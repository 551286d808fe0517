--- The lines that were typed in earlier sessions.

local kept = require "moontide.cmd.repl.kept"
local repl = require "moontide.c.repl"

local KEPT = 1000
local MAX_FILE = 64 << 20

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
  if not kept.is_kept(line) then return nil end
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
  local self = setmetatable({path = kept.path(os.getenv)}, History)
  for _, line in ipairs(self.path and read(self.path) or {}) do repl.remember(line) end
  return self
end

return {open = open}
