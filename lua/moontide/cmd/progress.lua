--- The progress of a pull on a terminal: one line for each layer, redrawn in place; pure but for the clock
--- that it is given.

local errors = require "moontide.core.errors"
local units = require "moontide.core.units"

local INTERVAL = 0.1 -- seconds between two pictures
local BAR_MIN, BAR_MAX = 8, 30
local ID, STATUS, BYTES = 12, 20, 21 -- widths

---@class moontide.Progress
local Progress = {}
Progress.__index = Progress

local function fit(text, width)
  local length = utf8.len(text)
  if length > width then return text:sub(1, utf8.offset(text, width) - 1) .. "…" end
  return text .. (" "):rep(width - length)
end

local function bar(current, total, width)
  local done = math.floor(width * math.min(1, current / total))
  return "[" .. ("="):rep(done) .. (" "):rep(width - done) .. "]"
end

local function bytes(row)
  if not row.current or row.current == 0 then return "" end
  local text = units.bytes_text(row.current)
  return row.total and row.total > 0 and ("%s / %s"):format(text, units.bytes_text(row.total)) or text
end

--- The line of one layer, no wider than `width`.
---@param row moontide.PullRow
---@param width integer letters
---@return string
local function line_of(row, width)
  local id, status = errors.escape(row.id or ""), errors.escape(row.status or "")
  if not row.current then return (fit(("%s  %s"):format(fit(id, ID), status), width):gsub(" +$", "")) end
  local text = ("%s  %s  %s"):format(fit(id, ID), fit(status, STATUS), fit(bytes(row), BYTES))
  local room = math.min(BAR_MAX, width - ID - STATUS - BYTES - 8)
  if row.total and row.total > 0 and room >= BAR_MIN then
    text = text .. "  " .. bar(row.current, row.total, room)
  end
  return (fit(text, width):gsub(" +$", ""))
end

--- Nothing is drawn yet.
---@param write fun(text: string)
---@param now fun(): number seconds
---@param size fun(): integer?, integer? columns and lines of the terminal
---@return moontide.Progress
local function new(write, now, size)
  return setmetatable({write = write, now = now, size = size, layers = {}, order = {}, drawn = 0, last = 0}, Progress)
end

-- The lines that fit on the terminal: the last ones, when there are too many to go back to the first.
function Progress:draw()
  local columns, rows = self.size()
  local width, height = (columns or 80) - 1, (rows or 24) - 1
  local out, first = {}, math.max(1, #self.order - height + 1)
  if self.drawn > 0 then out[1] = ("\27[%dA"):format(math.min(self.drawn, height)) end
  for i = first, #self.order do
    out[#out + 1] = ("\r\27[2K%s\n"):format(line_of(self.layers[self.order[i]], width))
  end
  self.drawn, self.last, self.stale = #self.order - first + 1, self.now(), false
  self.write(table.concat(out))
end

--- Takes in a row, and draws when it is time. A row without a layer is a line of its own above.
---@param row moontide.PullRow
function Progress:add(row)
  if not row.id or row.status:find("^Pulling from ") then return self:note(row) end -- its id is the tag
  if not self.layers[row.id] then self.order[#self.order + 1] = row.id end
  self.layers[row.id], self.stale = row, true
  if self.now() - self.last >= INTERVAL then self:draw() end
end

-- Clears the picture, writes the line, and draws the picture below it.
function Progress:note(row)
  local up = self.drawn > 0 and ("\27[%dA\r\27[J"):format(self.drawn) or ""
  self.write(up .. errors.escape((row.id and row.id .. ": " or "") .. row.status) .. "\n")
  self.drawn = 0
  if #self.order > 0 then self:draw() end
end

--- The last picture.
function Progress:finish()
  if self.stale then self:draw() end
end

return {new = new, line_of = line_of}
