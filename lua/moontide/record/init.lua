--- The one door for facts: what is wished, which names are taken, what happened and who hears of it. Reading makes no
--- state file; a part loads when it is needed.

-- Which file of this room has which function.
local FILES = {
  state = "use",
  journal = "fact history",
  wishes = "put_slot put_wish slots wish wishes",
  exclusive = "exclusive owner",
  hooks = "on",
}

local function later(file, name)
  return function(...) return require("moontide.record." .. file)[name](...) end
end

local record = {}
for file, names in pairs(FILES) do
  for name in names:gmatch("%S+") do record[name] = later(file, name) end
end

--- Tells of an engine whose containers' deaths hooks are to hear of.
---@param docker moontide.Docker
---@param host string
function record.watch(docker, host) require("moontide.record.watch").add(docker, host) end

return record
