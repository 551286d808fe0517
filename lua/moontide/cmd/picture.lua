--- Text that is written again and again: on a terminal over the last one, else below it.

local process = require "moontide.c.process"
local terminal = require "moontide.cmd.terminal"

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  return lines
end

-- No more than the terminal has room for: what has scrolled away cannot be written over.
local function cut(lines, room)
  if #lines <= room then return end
  local hidden = #lines - room + 1
  for i = #lines, room, -1 do lines[i] = nil end
  lines[room] = ("... and %d more"):format(hidden)
end

local function draw_over(drawn, text)
  local _, height = process.columns()
  local lines = lines_of(text)
  cut(lines, math.max(2, (height or 24) - 1))
  local up = drawn > 0 and ("\27[%dA\r"):format(drawn) or ""
  io.write(up, "\27[J", table.concat(lines, "\n"), "\n")
  return #lines
end

--- Nothing is written yet.
---@return fun(text: string) draw lines, each ended by a line feed
local function new()
  local drawn, first = 0, true
  return function(text)
    if terminal.redrawn() then
      drawn = draw_over(drawn, text)
    else
      io.write(first and "" or "\n", text)
    end
    first = false
  end
end

return {new = new}
