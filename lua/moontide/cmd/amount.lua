--- Amounts and times of the command line; pure. Readers give nil and what is wrong for what they cannot read.

local instant = require "moontide.core.instant"
local show = require "moontide.core.show"
local units = require "moontide.core.units"

local MAX_COUNT = 1000 -- replicas

--- How many replicas.
---@param option string "--min"
---@param text string
---@return integer? count
---@return string? why
local function count(option, text)
  local number = text:find("^%d+$") and math.tointeger(tonumber(text))
  if number and number <= MAX_COUNT then return number end
  return nil, ('%s must be a whole number from 0 to %d, got "%s"'):format(option, MAX_COUNT, show.short(text))
end

--- A whole number above 0.
---@param option string "--limit"
---@param text string
---@return integer? number
---@return string? why
local function positive(option, text)
  local number = text:find("^%d+$") and math.tointeger(tonumber(text))
  if number and number >= 1 then return number end
  return nil, ('%s must be a whole number above 0, got "%s"'):format(option, show.short(text))
end

--- A time span above 0.
---@param option string "--timeout"
---@param text string
---@return number? seconds
---@return string? why
local function duration(option, text)
  local seconds = units.duration(text)
  if seconds and seconds > 0 then return seconds end
  return nil, ('%s must be a time above 0, such as 30, 500ms or 5m, got "%s"'):format(option, show.short(text))
end

--- A moment in the past.
---@param option string "--since"
---@param text string "10m" (ago), "2026-11-23T01:39:31Z", or Unix seconds
---@param now number Unix seconds
---@return number? seconds Unix time
---@return string? why
local function since(option, text, now)
  local seconds = text:find("^%d+%.?%d*$") and tonumber(text) or instant.read(text)
  if seconds then return seconds end
  local ago = units.duration(text)
  if ago then return math.max(0, now - ago) end
  return nil, ('%s must be how long ago, such as 10m, or a time such as 2026-11-23T08:00:00Z, got "%s"'):format(
    option, show.short(text))
end

--- A moment as the engine's functions take it, which say what is wrong with it.
---@param text string? "10m", "2026-11-23T01:39:31Z", or Unix seconds
---@return number|string|nil
local function moment(text) return text and (tonumber(text) or instant.read(text) or text) end

return {count = count, positive = positive, duration = duration, since = since, moment = moment}
