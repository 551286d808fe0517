--- Ranges of host ports, "8080-8090", of which a container gets a free one. Docker chooses by itself, and
--- two that start at once get two; but it gives up over ports that programs on its host hold, and Podman
--- refuses ranges: then they are tried one by one. Pure.

---@class moontide.PortRange
---@field binding table {HostIp, HostPort} of the create's body: its HostPort is written here
---@field first integer
---@field last integer
---@field at integer? the port that is tried now; nil: the engine chooses

--- The ranges in the body of a create.
---@param body table
---@return moontide.PortRange[]
local function of(body)
  local list = {}
  for _, bindings in pairs(body.HostConfig.PortBindings or {}) do
    for _, binding in ipairs(type(bindings) == "table" and bindings or {}) do
      local first, last = tostring(binding.HostPort):match("^(%d+)%-(%d+)$")
      if first then
        list[#list + 1] = {binding = binding, first = math.tointeger(first), last = math.tointeger(last)}
      end
    end
  end
  return list
end

--- Whether a failed create means that this engine takes no ranges.
---@param err moontide.Error
---@return boolean
local function refused(err)
  return err.message:find('"%d+%-%d+": invalid syntax') ~= nil
end

--- Whether a failure is about a port that is taken.
---@param err moontide.Error
---@return boolean
local function taken(err)
  return err.kind == "conflict" and err.next == "retry" and err.message:find("port", 1, true) ~= nil
end

-- Of several ranges it is that whose port the message names, else all of them go on.
local function concerned(ranges, err)
  for _, range in ipairs(ranges) do
    if range.at and err and err.message:find(":" .. range.at .. " ", 1, true) then return {range} end
  end
  return ranges
end

--- Writes the next port of each range that is concerned into the body.
---@param ranges moontide.PortRange[]
---@param err moontide.Error? what the last try came to
---@param used table<integer, boolean> ports that containers have
---@return boolean more false: a range is at its end
local function advance(ranges, err, used)
  for _, range in ipairs(concerned(ranges, err)) do
    repeat
      range.at = range.at and range.at + 1 or range.first
    until not used[range.at] or range.at > range.last
    if range.at > range.last then return false end
    used[range.at] = true
    range.binding.HostPort = tostring(range.at)
  end
  return true
end

return {of = of, refused = refused, taken = taken, advance = advance}
