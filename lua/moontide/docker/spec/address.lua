--- IP addresses as text; pure.

local function is_ipv4(text)
  local bytes = {text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")}
  for _, byte in ipairs(bytes) do
    if tonumber(byte) > 255 or byte:find("^0%d") then return false end
  end
  return #bytes == 4
end

local function is_ipv6(text)
  local head, rest = text:match("^(.*)::(.*)$")
  if not head and not text:find(":", 1, true) or text:find(":::", 1, true) then return false end
  local groups = 0
  for _, half in ipairs(head and {head, rest} or {text}) do
    if half:find("^:") or half:find(":$") then return false end
    for group in half:gmatch("[^:]+") do
      if not group:find("^%x%x?%x?%x?$") then return false end
      groups = groups + 1
    end
    if half:find("::", 1, true) then return false end
  end
  if head then return groups <= 7 end
  return groups == 8
end

---@param text string "192.0.2.1" or "2001:db8::1", without brackets
---@return boolean
local function is_ip(text) return is_ipv4(text) or is_ipv6(text) end

return {is_ip = is_ip, is_ipv4 = is_ipv4, is_ipv6 = is_ipv6}
