--- A table for people: upper-case header, columns two blanks apart.

local errors = require "moontide.core.errors"

local GAP = "  "
local ELLIPSIS = "…"
local MIN_WIDTH = 4 -- of a column that is shortened: three letters and the ellipsis

---@class moontide.Column
---@field key string of the cell in a row
---@field title string? default: the key; printed in upper case
---@field right boolean? numbers: aligned right, never shortened
---@field format nil|fun(value: any, row: table): any what to print for a value that is not nil

local function cell_text(column, row)
  local value = row[column.key]
  if value ~= nil and column.format then value = column.format(value, row) end
  if value == nil or value == "" then return "-" end
  return errors.escape(tostring(value))
end

-- Lines of cells, the header first. Escaped text is valid UTF-8, so utf8.len never fails below.
local function lines_of(rows, columns)
  local header = {}
  for i, column in ipairs(columns) do header[i] = (column.title or column.key):upper() end
  local lines = {header}
  for _, row in ipairs(rows) do
    local line = {}
    for i, column in ipairs(columns) do line[i] = cell_text(column, row) end
    lines[#lines + 1] = line
  end
  return lines
end

local function widths_of(lines, columns)
  local widths = {}
  for i in ipairs(columns) do
    widths[i] = 0
    for _, line in ipairs(lines) do widths[i] = math.max(widths[i], utf8.len(line[i])) end
  end
  return widths
end

-- Takes from the widest column that may be shortened, again and again, until the lines fit.
local function squeeze(widths, columns, width)
  local excess = #GAP * (#columns - 1) - width
  for _, used in ipairs(widths) do excess = excess + used end
  while excess > 0 do
    local widest
    for i, column in ipairs(columns) do
      if not column.right and (not widest or widths[i] > widths[widest]) then widest = i end
    end
    if not widest or widths[widest] <= MIN_WIDTH then return end
    widths[widest] = widths[widest] - 1
    excess = excess - 1
  end
end

local function pad(text, width, right)
  local length = utf8.len(text)
  if length > width then return text:sub(1, utf8.offset(text, width) - 1) .. ELLIPSIS end
  local blanks = (" "):rep(width - length)
  return right and blanks .. text or text .. blanks
end

--- Lines of text, each ended by a line feed. A cell that is nil or empty is "-"; what could drive a
--- terminal is escaped.
---@param rows table[] what `columns` pick from
---@param columns moontide.Column[]
---@param options {width: integer?}? width: of the terminal in letters; wider tables are shortened
---@return string
local function table_text(rows, columns, options)
  local lines = lines_of(rows, columns)
  local widths = widths_of(lines, columns)
  if options and options.width then squeeze(widths, columns, options.width) end
  local out = {}
  for n, line in ipairs(lines) do
    local cells = {}
    for i, text in ipairs(line) do cells[i] = pad(text, widths[i], columns[i].right) end
    out[n] = table.concat(cells, GAP):gsub(" +$", "") .. "\n"
  end
  return table.concat(out)
end

return table_text
