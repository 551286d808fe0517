--- Names of containers that nobody has named: only by its name can a create whose reply was lost be found.

--- The image's base name and 8 hex digits: "web-1a2b3c4d".
---@param image string
---@return string
local function name_for(image)
  local base = image:gsub("@.*$", ""):gsub("^.*/", ""):gsub(":.*$", ""):gsub("[^%w_.-]", "-")
  local source <close> = assert(io.open("/dev/urandom", "rb")) -- Lua's seed can be the same in two processes
  return ("%s-%08x"):format(base, (string.unpack("I4", source:read(4))))
end

return name_for
