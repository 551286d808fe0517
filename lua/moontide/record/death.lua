--- Why a container died, as far as the engine's events tell; pure.

local HEARD = 10      -- s between being out of memory and dying of it
local ANY_SIGNAL = 15 -- s between a signal that need not end a container, and its end

-- What ends a container that has no mind of its own: SIGINT, SIGQUIT, SIGKILL, SIGTERM.
local ENDS = {[2] = true, [3] = true, [9] = true, [15] = true}

local NAMES = {
  [125] = "the engine failed to run it", [126] = "its command cannot be run", [127] = "its command was not found",
  [130] = "interrupted", [131] = "quit", [132] = "illegal instruction", [134] = "aborted",
  [135] = "bus error", [136] = "arithmetic error", [137] = "killed", [139] = "segmentation fault",
  [141] = "broken pipe", [143] = "terminated",
}

---@param code integer?
---@param oom boolean
---@param requested boolean
---@return string
local function reason(code, oom, requested)
  if oom then return "out of memory" end
  if not code then return requested and "ended on request" or "ended" end
  local name = NAMES[code]
  return ("exit code %d%s%s"):format(code, name and ": " .. name or "", requested and ", on request" or "")
end

-- Whether the last signal that the engine was asked to send explains the end.
local function was_requested(signal, time)
  if not signal then return false end
  return ENDS[signal.number or 0] or time - signal.time <= ANY_SIGNAL
end

--- Follows the containers of one engine.
---@return fun(event: table): string?, table? hear for each event: at a death its reason and data
local function follower()
  local oom, signals = {}, {} -- by container id
  return function(event)
    local id, action = event.id, event.action
    if action == "oom" then
      oom[id] = event.time
    elseif action == "kill" then
      signals[id] = {number = event.signal, time = event.time}
    elseif action == "die" then
      local out = oom[id] ~= nil and event.time - oom[id] <= HEARD
      local requested = was_requested(signals[id], event.time)
      oom[id], signals[id] = nil, nil
      return reason(event.exit_code, out, requested), {exit_code = event.exit_code, oom = out, requested = requested}
    elseif action == "destroy" then
      oom[id], signals[id] = nil, nil
    end
  end
end

return {follower = follower, reason = reason}
