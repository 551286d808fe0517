--- mt.manager: containers of an image, as many as are wished. All of it is Lua over the engine's functions: a model
--- for managers of your own. Every action returns a table, whose `ok` (or `deleted`) says whether it was done; lists
--- return nil, err when the engine cannot be reached; a caller's mistakes raise.

local check = require "moontide.core.check"
local context = require "moontide.manager.context"
local discovery = require "moontide.manager.discovery"
local errors = require "moontide.core.errors"
local helpers = require "moontide.manager.helpers"
local make = require "moontide.manager.make"
local near = require "moontide.core.near"
local ordered = require "moontide.core.ordered"
local record = require "moontide.record"
local tell = require "moontide.manager.tell"

local DEFAULT_STOP_TIMEOUT = 5 -- s

local OPTIONS = {
  engine = "table", engine_factory = "function", stop_timeout = "duration", planner = "function", victim = "function",
  notify = "function",
}

---@class moontide.Manager
local Manager = {}

for _, file in ipairs {"containers", "ensure", "reconcile", "upkeep"} do
  for name, method in pairs(require("moontide.manager." .. file)) do Manager[name] = method end
end

local NOTICE = {
  image = "string", container = "table", status = "string", event = "string", url = "string", engine = "string",
}

--- m:notify_discovery{image =, container =, status =, event =, url =, engine =} -> true, also when nobody is to be
--- told; nil, err
function Manager.notify_discovery(m, notice)
  local op = "manager.notify_discovery"
  local given = check.options(op, notice, NOTICE, {required = {"image", "container", "status", "event"}})
  given.url = given.url or tell.callback_url(m, given.image)
  if not given.url and not m.own.notify then return true end
  given.engine = given.engine or context.key(m)
  return (m.own.notify or discovery.notify)(given)
end

-- Called with a dot, as the helpers are, and still about this manager.
local Dotted = {}

--- m.discovery_callback_url(image) -> env.DISCOVERY_CALLBACK of its wish, or nil
function Dotted.discovery_callback_url(m, image)
  return tell.callback_url(m, check.string("manager.discovery_callback_url", "image", image))
end

--- m.wait_for_ports(id, wanted, {timeout = 5, interval = 0.1}) -> ports; nil, err
function Dotted.wait_for_ports(m, id, wanted, options)
  local given = check.options("manager.wait_for_ports", options, {timeout = "duration", interval = "duration"})
  return make.wait_for_ports(m, id, wanted, given)
end

-- The wishes as a table that is read when it is looked at.
local function desired_images(m)
  local function all()
    local place, err = context.key(m)
    local known = place and nil
    if place then known, err = record.wishes(place) end
    if not known then error(errors.is(err) and tostring(err) or err, 0) end
    return known
  end
  return setmetatable({}, {
    __index = function(_, image) return all()[image] end,
    __pairs = function() return ordered.pairs(all()) end,
    __newindex = function()
      error("manager.desired_images is for reading; use m:register_desired_state(image, {...})", 2)
    end,
  })
end

local function is_manager(value) return type(value) == "table" and rawget(value, "own") ~= nil end

-- With a dot where a colon should be, the image would be taken for the manager; and the other way round.
local function by_dot(name, fn)
  return function(first, ...)
    if is_manager(first) then check.fail("manager." .. name, "call it with a dot: m.%s(...)", name) end
    return fn(first, ...)
  end
end

local function by_colon(name, fn)
  return function(m, ...)
    if not is_manager(m) then check.fail("manager." .. name, "call it with a colon: m:%s(...)", name) end
    return fn(m, ...)
  end
end

local function names()
  local all = {}
  for _, part in ipairs {Manager, helpers, Dotted} do
    for name in pairs(part) do all[#all + 1] = name end
  end
  table.sort(all)
  return all
end

local function member(m, name)
  local method = Manager[name]
  if not method and not helpers[name] then
    error(("a manager has no %q%s"):format(tostring(name), near.hint(name, names())), 2)
  end
  rawset(m, name, method and by_colon(name, method) or by_dot(name, helpers[name]))
  return m[name]
end

---@class moontide.ManagerOptions
---@field engine moontide.Docker? default: mt.docker; or any table with the same functions
---@field engine_factory nil|fun(): moontide.Docker?, moontide.Error? makes the engine at its first use
---@field stop_timeout number|string|nil seconds that a container has to stop before it is killed; default 5
---@field planner nil|fun(desired, observed, now, victim): table[] default: moontide.plan.replicas
---@field victim nil|fun(running, count): moontide.Summary[] default: the oldest
---@field notify nil|fun(notice: table): any default: a POST to the image's env.DISCOVERY_CALLBACK

--- A manager. Asks nobody yet.
---@param options moontide.ManagerOptions?
---@return moontide.Manager
local function new(options)
  local op = "manager"
  local given = check.options(op, options, OPTIONS)
  if given.engine and given.engine_factory then
    check.refuse(op, "engine_factory", "stands instead of engine: leave one of them out")
  end
  local m = {own = {
    engine = given.engine, factory = given.engine_factory or function() return require "moontide.docker" end,
    stop_timeout = given.stop_timeout or DEFAULT_STOP_TIMEOUT, planner = given.planner, victim = given.victim,
    notify = given.notify, telling = {}, waves = {},
  }}
  m.desired_images = desired_images(m)
  for name, fn in pairs(Dotted) do
    m[name] = by_dot(name, function(...) return fn(m, ...) end)
  end
  return setmetatable(m, {__index = member, __name = "moontide.manager", members = {Manager, helpers, Dotted}})
end

return new
