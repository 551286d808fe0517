--- A summary's ports for people: "8080->80/tcp"; pure.

local ordered = require "moontide.core.ordered"

local ANY = {["0.0.0.0"] = true, ["::"] = true, [""] = true}

---@param ports table<string, {HostIp: string, HostPort: string}[]>
---@return string "127.0.0.1:8080->80/tcp, 32768->443/tcp"; "" when nothing is published
local function ports_text(ports)
  local parts, seen = {}, {}
  for key, bindings in ordered.pairs(ports) do
    for _, binding in ipairs(bindings) do
      local host = ANY[binding.HostIp] and "" or binding.HostIp .. ":"
      local text = ("%s%s->%s"):format(host, binding.HostPort, key)
      if not seen[text] then parts[#parts + 1] = text end
      seen[text] = true
    end
  end
  return table.concat(parts, ", ")
end

return ports_text
