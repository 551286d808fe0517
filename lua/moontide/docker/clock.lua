--- Times as callers give them and as engines read and write them; pure.

local units = require "moontide.core.units"

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

local MAX = 2 ^ 33 -- s; nanoseconds of it fit into an integer

--- For check.options: Unix time, or a duration.
---@param value any
---@return boolean
---@return string why
local function is_since(value)
  local good = math.type(value) and value >= 0 and value < MAX or type(value) == "string" and units.duration(value)
  return good and true or false, 'must be a time (Unix seconds), or how long ago, such as "10m"'
end

--- Nanoseconds since 1970 of what a caller gave as `since`.
---@param since number|string|nil Unix seconds, or a duration: that long ago
---@param now number Unix seconds
---@return integer?
local function since_ns(since, now)
  if since == nil then return nil end
  if type(since) == "string" then since = math.max(0, now - units.duration(since)) end
  return math.tointeger(since) and math.tointeger(since) * 1000000000 or math.floor(since * 1e9)
end

--- As the engine reads it: the fraction has 9 digits, or it would mean another one.
---@param ns integer
---@return string "1700000000.000000001"
local function engine_time(ns) return ("%d.%09d"):format(ns // 1000000000, ns % 1000000000) end

-- Days from 1970-01-01 to a day of the Gregorian calendar; the year begins with March.
local function days(year, month, day)
  if month <= 2 then year = year - 1 end
  local day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  return 365 * year + year // 4 - year // 100 + year // 400 + day_of_year - 719468
end

--- The time in a header Date.
---@param text string? "Mon, 23 Nov 2026 01:28:14 GMT"
---@return integer? Unix seconds; nil: unreadable
local function http_date(text)
  local day, name, year, hour, minute, second = (text or ""):match("^%a+, (%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT$")
  local month = MONTHS[name]
  if not month then return nil end
  return ((days(tonumber(year), month, tonumber(day)) * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60
    + tonumber(second)
end

return {is_since = is_since, since_ns = since_ns, engine_time = engine_time, http_date = http_date}
