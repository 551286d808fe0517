--- A mistake on the command line.

local log = require "moontide.core.log"

local USAGE = 2

--- Says what is wrong, and where to read more.
---@param command string its name
---@param why string
---@return integer code exit code
local function usage(command, why)
  log.diagnose(("%s; see moontide %s --help"):format(why, command), command)
  return USAGE
end

return usage
