--- What a terminal shows: a small VT100, enough to read a line editor's screen.

local screen = {}
screen.__index = screen

function screen.new(columns, rows)
  local self = setmetatable({columns = columns, rows = rows, x = 0, y = 0, lines = {}, rest = ""}, screen)
  self:clear(0, rows - 1)
  return self
end

function screen:clear(from, to)
  for y = from, to do self.lines[y] = {} end
end

function screen:resize(columns, rows)
  for y = self.rows, rows - 1 do self.lines[y] = {} end
  self.columns, self.rows = columns, rows
end

function screen:line_feed()
  if self.y < self.rows - 1 then
    self.y = self.y + 1
    return
  end
  table.move(self.lines, 1, self.rows - 1, 0)
  self.lines[self.rows - 1] = {}
end

function screen:put(letter)
  local width = #letter == 4 and 2 or 1 -- near enough
  if self.x + width > self.columns then -- as xterm: only the next letter goes on below
    self.x = 0
    self:line_feed()
  end
  self.lines[self.y][self.x] = letter
  if width == 2 then self.lines[self.y][self.x + 1] = "" end
  self.x = self.x + width
end

local function erase(self, mode)
  local line, columns = self.lines[self.y], self.columns
  for x = mode == 0 and math.min(self.x, columns - 1) or 0, mode == 1 and self.x or columns - 1 do line[x] = nil end
end

local SEQUENCES = {
  A = function(self, n) self.y = math.max(0, self.y - math.max(1, n)) end,
  B = function(self, n) self.y = math.min(self.rows - 1, self.y + math.max(1, n)) end,
  C = function(self, n) self.x = math.min(self.columns - 1, self.x + math.max(1, n)) end,
  D = function(self, n) self.x = math.max(0, math.min(self.x, self.columns - 1) - math.max(1, n)) end,
  G = function(self, n) self.x = math.max(1, n) - 1 end,
  H = function(self, n, m) self.y, self.x = math.max(1, n) - 1, math.max(1, m) - 1 end,
  K = erase,
  J = function(self, mode)
    if mode == 2 then return self:clear(0, self.rows - 1) end
    erase(self, mode)
    self:clear(self.y + 1, self.rows - 1)
  end,
  P = function(self, n)
    local line = self.lines[self.y]
    for x = self.x, self.columns - 1 do line[x] = line[x + math.max(1, n)] end
  end,
  ["@"] = function(self, n)
    local line = self.lines[self.y]
    for x = self.columns - 1, self.x, -1 do line[x] = x - math.max(1, n) >= self.x and line[x - math.max(1, n)] or " " end
  end,
}

local CONTROLS = {
  ["\r"] = function(self) self.x = 0 end,
  ["\n"] = screen.line_feed,
  ["\b"] = function(self) self.x = math.max(0, math.min(self.x, self.columns - 1) - 1) end,
  ["\t"] = function(self) self.x = math.min(self.columns - 1, (self.x // 8 + 1) * 8) end,
}

local function take_sequence(self, text)
  local parameters, final = text:match("^\27%[([0-9;?>]*)([@-~])")
  if not final then
    if #text < 2 or text:find("^\27%[[0-9;?>]*$") then return nil end
    return text:find("^\27[()]") and 3 or 2
  end
  local n, m = parameters:match("^(%d*);?(%d*)")
  local act = not parameters:find("[?>]") and SEQUENCES[final]
  if act then act(self, tonumber(n) or 0, tonumber(m) or 0) end
  return #parameters + 3
end

-- Returns the bytes that the first thing in the text takes; nil: it is not complete.
local function take(self, text)
  local first = text:sub(1, 1)
  if first == "\27" then return take_sequence(self, text) end
  if CONTROLS[first] then
    CONTROLS[first](self)
    return 1
  end
  if first < " " or first == "\127" then return 1 end
  local size = first < "\194" and 1 or first < "\224" and 2 or first < "\240" and 3 or 4
  if #text < size then return nil end
  self:put(text:sub(1, size))
  return size
end

--- What the program has written.
function screen:feed(bytes)
  self.rest = self.rest .. bytes
  while self.rest ~= "" do
    local size = take(self, self.rest)
    if not size then return end
    self.rest = self.rest:sub(size + 1)
  end
end

--- The lines that are not empty at the end, as one text.
function screen:text()
  local lines, last = {}, 0
  for y = 0, self.rows - 1 do
    local letters, width = {}, 0
    for x = 0, self.columns - 1 do
      letters[x + 1] = self.lines[y][x] or " "
      if letters[x + 1] ~= " " then width = x + 1 end
    end
    lines[y + 1] = table.concat(letters, "", 1, width)
    if width > 0 then last = y + 1 end
  end
  return table.concat(lines, "\n", 1, last)
end

return screen
