--- Names of Linux signals as the engine takes them; pure.

local near = require "moontide.core.near"

local NAMES = {}
for name in ([[ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO KILL PIPE PROF PWR QUIT SEGV STKFLT STOP SYS
  TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX]]):gmatch("%S+") do
  NAMES[#NAMES + 1] = name
  NAMES[name] = true
end

local LAST = 64

-- The engine knows RTMIN to RTMIN+15 and RTMAX-14 to RTMAX.
local function is_real_time(name)
  local up, down = name:match("^RTMIN%+([1-9]%d?)$"), name:match("^RTMAX%-([1-9]%d?)$")
  return up and tonumber(up) <= 15 or down and tonumber(down) <= 14
end

--- "SIGTERM" from "SIGTERM", "term", 15 ("15").
---@param value string|integer
---@return string? signal
---@return string? why
local function read(value)
  local number = math.tointeger(tonumber(value))
  if number and tostring(value):find("^%d+$") then
    if number >= 1 and number <= LAST then return tostring(number) end
    return nil, ("must be a signal from 1 to %d"):format(LAST)
  end
  local name = tostring(value):upper():gsub("^SIG", "")
  if NAMES[name] or is_real_time(name) then return "SIG" .. name end
  local nearest = near.nearest(name, NAMES)
  if nearest then return nil, ('must be a signal (did you mean "SIG%s"?)'):format(nearest) end
  return nil, 'must be a signal, as "SIGTERM" or "SIGUSR1"'
end

return {read = read}
