--- What standard output is, and what may be done to it.

local process = require "moontide.c.process"

local GREEN, YELLOW, RED = "\27[32m", "\27[33m", "\27[31m"

local STATUS = {
  running = GREEN, healthy = GREEN, starting = YELLOW, restarting = YELLOW, paused = YELLOW, created = YELLOW,
  removing = YELLOW, exited = RED, dead = RED, unhealthy = RED,
}

local function is_dumb() return os.getenv("TERM") == "dumb" end

--- Whether colours are welcome: on a terminal that has them, unless $NO_COLOR says no.
---@return boolean
local function coloured()
  return process.isatty(1) and not is_dumb() and (os.getenv("NO_COLOR") or "") == ""
end

--- Whether what was written can be written over.
---@return boolean
local function redrawn() return process.isatty(1) and not is_dumb() end

--- The colour of a container's status; its health counts more. For columns of a table.
---@param status string
---@param row {health: string?}
---@return string?
local function status_colour(status, row)
  return status == "running" and STATUS[row.health] or STATUS[status]
end

--- A table as wide as the terminal, in colour where that is welcome.
---@param rows table[]
---@param columns moontide.Column[]
---@return string
local function table_of(rows, columns)
  return require "moontide.core.table_text"(rows, columns, {width = process.columns(), colour = coloured()})
end

return {coloured = coloured, redrawn = redrawn, status_colour = status_colour, table = table_of}
