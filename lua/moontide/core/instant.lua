--- Moments as RFC 3339 writes them; pure.

-- Days from 1970-01-01 to a day of the Gregorian calendar: os.time reads local time.
local function days(year, month, day)
  if month < 3 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

local LENGTHS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

local function is_day(year, month, day)
  local leap = month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month >= 1 and month <= 12 and day >= 1 and day <= LENGTHS[month] + (leap and 1 or 0)
end

-- Seconds that a zone is ahead of UTC; nil: unreadable.
local function offset(zone)
  if zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
  return (tonumber(hours) * 60 + tonumber(minutes)) * 60 * (sign == "-" and -1 or 1)
end

--- Unix time of a moment.
---@param text any "2026-11-23T01:39:31.899070655Z", or with "+02:00"; a blank may stand for the T
---@return number? seconds nil: unreadable, or no such day or time
local function read(text)
  local year, month, day, hour, minute, second, zone =
    tostring(text):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d%.?%d*)(.*)$")
  local ahead = year and offset(zone)
  if not ahead then return nil end
  local y, m, d = math.tointeger(tonumber(year)), math.tointeger(tonumber(month)), math.tointeger(tonumber(day))
  local h, min, s = tonumber(hour), tonumber(minute), tonumber(second)
  if not is_day(y, m, d) or h > 23 or min > 59 or not s or s >= 61 then return nil end
  return days(y, m, d) * 86400 + h * 3600 + min * 60 + s - ahead
end

return {read = read}
