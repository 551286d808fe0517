--- What people write for amounts, and back: pure, and nil for what cannot be read.

local MAX_INTEGER = 2.0 ^ 63

local MEMORY_SCALE = {[""] = 1, k = 2 ^ 10, m = 2 ^ 20, g = 2 ^ 30, t = 2 ^ 40}

local SECONDS = {
  ns = 1e-9, us = 1e-6, ["µs"] = 1e-6, ["μs"] = 1e-6, ms = 1e-3,
  s = 1, m = 60, h = 3600, d = 86400,
}

local BYTE_UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

-- Only digits and one point: tonumber alone would also take "0x10", "1e3" and "nan".
local function decimal(text)
  if text:find("^%d+%.?%d*$") or text:find("^%.%d+$") then return tonumber(text) end
  return nil
end

-- Trimmed, in lower case; nil when it is neither a string nor a number.
local function normal(value)
  if type(value) ~= "string" then return nil end
  return value:lower():match("^%s*(.-)%s*$")
end

-- A positive amount as an integer; NaN fails both comparisons.
local function positive(amount)
  if amount and amount >= 1 and amount < MAX_INTEGER then return math.floor(amount) end
  return nil
end

--- CPUs as the engine counts them.
---@param value any CPUs: 1, 0.5, "0.5", or thousandths: "500m"
---@return integer? nanocpus 1 CPU is 1000000000; nil: unreadable, zero or less
local function cpu(value)
  local text = normal(value)
  if text then
    local milli = text:match("^(.*)m$")
    value = decimal(milli or text)
    if value and milli then value = value / 1000 end
  end
  if math.type(value) == nil then return nil end
  return positive(value * 1e9 + 0.5)
end

--- Memory in the meaning of Docker: all multiples are binary.
---@param value any bytes, or "512k", "256m", "256Mi", "256MB", "1.5g", "1t", "1073741824"
---@return integer? bytes nil: unreadable, zero or less, too much for 64 bits
local function memory(value)
  local text = normal(value)
  if text then
    local amount, unit, suffix = text:match("^([%d.]+) ?([kmgt]?)(i?b?)$")
    if not amount or unit == "" and suffix:find("i") then return nil end
    value = decimal(amount)
    if value then value = value * MEMORY_SCALE[unit] end
  end
  if math.type(value) == nil then return nil end
  return positive(value)
end

-- Seconds as an integer where they are whole; refuses what a clock of 64-bit nanoseconds cannot hold.
local function seconds(amount)
  if amount >= 0 and amount * 1e9 < MAX_INTEGER then return math.tointeger(amount) or amount end
  return nil
end

--- Durations, Go's way.
---@param value any seconds, or "250ms", "10s", "5m", "1h30m", "7d", "10" (seconds)
---@return number? seconds an integer when whole; nil: unreadable or negative
local function duration(value)
  if math.type(value) then return seconds(value) end
  local text = normal(value)
  if not text or text == "" then return nil end
  local plain = decimal(text)
  if plain then return seconds(plain) end
  local total, at = 0, 1
  while at <= #text do
    local amount, unit, stop = text:match("^([%d.]+)([^%d.]+)()", at)
    amount = amount and decimal(amount)
    if not amount or not SECONDS[unit] then return nil end
    total, at = total + amount * SECONDS[unit], stop
  end
  return seconds(total)
end

--- "512 B", "12.3 MiB".
---@param bytes number
---@return string
local function bytes_text(bytes)
  if bytes < 1024 then return ("%d B"):format(math.floor(bytes)) end
  local unit = 0
  repeat
    bytes, unit = bytes / 1024, unit + 1
  until bytes < 1023.95 or unit == #BYTE_UNITS -- above it would be printed as 1024.0
  return ("%.1f %s"):format(bytes, BYTE_UNITS[unit])
end

--- "250ms", "1.5s", "42s", "1m30s", "2h5m", "3d4h": the two largest units.
---@param amount number seconds
---@return string
local function duration_text(amount)
  if amount < 0 then return "-" .. duration_text(-amount) end
  if amount == 0 then return "0s" end
  if amount < 0.9995 then return ("%.3gms"):format(amount * 1000) end
  if amount < 59.95 then return (("%.1fs"):format(amount):gsub("%.0s", "s")) end
  local left, parts = math.floor(amount + 0.5), {}
  for _, unit in ipairs {"d", "h", "m", "s"} do
    local count = left // SECONDS[unit]
    left = left % SECONDS[unit]
    if count > 0 then parts[#parts + 1] = ("%d%s"):format(count, unit) end
    if #parts == 2 or #parts == 1 and count == 0 then break end
  end
  return table.concat(parts)
end

return {
  cpu = cpu, memory = memory, duration = duration,
  bytes_text = bytes_text, duration_text = duration_text,
}
