--- A table for people: upper-case header, columns two blanks apart.

local errors = require "moontide.core.errors"

local GAP = "  "
local ELLIPSIS = "…"
local MIN_WIDTH = 4 -- of a column that is shortened: three letters and the ellipsis
local RESET = "\27[0m"

---@class moontide.Column
---@field key string of the cell in a row
---@field title string? default: the key; printed in upper case
---@field right boolean? numbers: aligned right, never shortened
---@field keep boolean? never shortened either, as what is copied from the table
---@field min integer? letters that it is shortened to before any column is left out, default 4
---@field priority integer? it is left out when the table is too wide, the highest first; default: never
---@field format nil|fun(value: any, row: table): any what to print for a value that is not nil
---@field colour nil|fun(value: any, row: table): string? an escape sequence such as "\27[32m"; nil: none

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

local function excess_of(widths, width)
  local excess = #GAP * (#widths - 1) - width
  for _, used in ipairs(widths) do excess = excess + used end
  return excess
end

-- Takes from the widest column that may be shortened, again and again, until the lines fit. Returns whether
-- they do; `least`: how narrow a column may become.
local function squeeze(widths, columns, width, least)
  local excess = excess_of(widths, width)
  while excess > 0 do
    local widest
    for i, column in ipairs(columns) do
      local free = not column.right and not column.keep and widths[i] > least(column)
      if free and (not widest or widths[i] > widths[widest]) then widest = i end
    end
    if not widest then return false end
    widths[widest] = widths[widest] - 1
    excess = excess - 1
  end
  return true
end

local function good_width(column) return math.max(column.min or MIN_WIDTH, utf8.len(column.title or column.key)) end

local function least_width() return MIN_WIDTH end

-- The columns without the least important one; nil when all have to stay.
local function without_least(columns)
  local least
  for i, column in ipairs(columns) do
    if column.priority and (not least or column.priority >= columns[least].priority) then least = i end
  end
  if not least then return nil end
  local rest = {}
  for i, column in ipairs(columns) do
    if i ~= least then rest[#rest + 1] = column end
  end
  return rest
end

-- The columns that there is room for, their lines and widths.
local function fit(rows, columns, width)
  while true do
    local lines = lines_of(rows, columns)
    local widths = widths_of(lines, columns)
    if not width or excess_of(widths, width) <= 0 then return columns, lines, widths end
    local fewer = without_least(columns)
    if squeeze(widths, columns, width, fewer and good_width or least_width) or not fewer then
      return columns, lines, widths
    end
    columns = fewer
  end
end

local function pad(text, width, right)
  local length = utf8.len(text)
  if length > width then return text:sub(1, utf8.offset(text, width) - 1) .. ELLIPSIS end
  local blanks = (" "):rep(width - length)
  return right and blanks .. text or text .. blanks
end

-- Around the text only: blanks at the end of a line are cut off afterwards.
local function paint(text, column, row)
  local code = column.colour and column.colour(row[column.key], row)
  if not code then return text end
  local before, inner, after = text:match("^( *)(.-)( *)$")
  return before .. code .. inner .. RESET .. after
end

--- Lines of text, each ended by a line feed. A cell that is nil or empty is "-"; what could drive a
--- terminal is escaped.
---@param rows table[] what `columns` pick from
---@param columns moontide.Column[]
---@param options {width: integer?, colour: boolean?}? width: of the terminal in letters; wider tables are
---  shortened, then lose columns. colour: whether the columns' colours are used
---@return string
local function table_text(rows, columns, options)
  options = options or {}
  local shown, lines, widths = fit(rows, columns, options.width)
  local out = {}
  for n, line in ipairs(lines) do
    local cells = {}
    for i, text in ipairs(line) do
      cells[i] = pad(text, widths[i], shown[i].right)
      if n > 1 and options.colour then cells[i] = paint(cells[i], shown[i], rows[n - 1]) end
    end
    out[n] = table.concat(cells, GAP):gsub(" +$", "") .. "\n"
  end
  return table.concat(out)
end

return table_text
