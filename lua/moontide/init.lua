--- moontide: what scripts know as `mt`. Its parts load on first use.

local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local tasks = require "moontide.core.tasks"

local PARTS = {
  docker = "moontide.docker", http = "moontide.http", json = "moontide.c.json", log = "moontide.core.log",
  manager = "moontide.manager", text = "moontide.core.text",
}

---@class moontide
---@field docker moontide.Docker the default engine
---@field http moontide.Http
---@field json moontide.Json
---@field log moontide.Log
---@field manager fun(options: moontide.ManagerOptions?): moontide.Manager
---@field text moontide.Text
---@field version string
local mt = {version = require("moontide.c.process").version}

for name, fn in pairs(tasks) do mt[name] = fn end

--- Calls fn(ev) when something happens to what is managed; what it raises is logged and breaks nothing.
---@param event string "create", "start", "stop", "die", "remove", "scale", ...
---@param fn fun(ev: moontide.Event)
---@return moontide.Hook hook `hook:stop()`
function mt.on(event, fn) return require("moontide.record").on(event, fn) end

local function names()
  local known = ordered.keys(mt)
  for _, name in ipairs(ordered.keys(PARTS)) do known[#known + 1] = name end
  return known
end

return setmetatable(mt, {
  __names = names, -- for completion at the prompt: also what is not loaded yet
  __index = function(_, key)
    if not PARTS[key] then
      error(("mt has no field %q%s"):format(tostring(key), near.hint(key, names())), 2)
    end
    mt[key] = require(PARTS[key])
    return mt[key]
  end,
})
