--- Which handler a request is for; pure.
---
--- A route is "METHOD /path", its segments literal, {name} (one segment) or, at the end, {name*} (one
--- or more). Of several that fit a path the first literal segment wins, then {name}, then {name*}.

local check = require "moontide.core.check"
local ordered = require "moontide.core.ordered"
local show = require "moontide.core.show"

local METHODS = {GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true, OPTIONS = true}
local LITERAL, ONE, REST = 1, 2, 3

local function segment_of(op, key, text)
  local name, star = text:match("^{([%a_][%w_]*)(%*?)}$")
  if name then return {kind = star == "*" and REST or ONE, name = name, rest = star == "*"} end
  if text:find("[{}*%%?#%s%c]") then
    check.fail(op, 'route "%s": "%s" is no segment; write literal text, {name} or, at the end, {name*}',
      show.short(key), show.short(text))
  end
  return {kind = LITERAL, text = text}
end

-- "GET /containers/{image*}" as {method, path, segments, shape, names}.
local function parse(op, key)
  local method, path = tostring(key):match("^(%u+) (/%S*)$")
  if not METHODS[method] then
    check.fail(op, 'route "%s" must be "METHOD /path", as in "GET /containers/{name}"', show.short(tostring(key)))
  end
  local route = {key = key, method = method, path = path, segments = {}, names = {}}
  local shape, seen = {}, {}
  for text in path:gmatch("/([^/]*)") do
    if path == "/" then break end
    local segment = segment_of(op, key, text)
    if #route.segments > 0 and route.segments[#route.segments].kind == REST then
      check.fail(op, 'route "%s": {%s*} must be its last segment', key, route.segments[#route.segments].name)
    end
    if segment.name and seen[segment.name] then check.fail(op, 'route "%s" names {%s} twice', key, segment.name) end
    if segment.name then
      seen[segment.name] = true
      table.insert(route.names, segment.name)
    end
    table.insert(route.segments, segment)
    shape[#shape + 1] = ("%d%s"):format(segment.kind, segment.text or "")
  end
  route.shape = table.concat(shape, "/")
  return route
end

-- What the segments of a path are for those of a shape; nil: they do not fit.
local function match(segments, given)
  local values = {}
  for i, segment in ipairs(segments) do
    if segment.kind == REST then
      for j = i, #given do
        if given[j] == "" then return nil end
      end
      if #given < i then return nil end
      values[#values + 1] = table.concat(given, "/", i)
      return values
    end
    if not given[i] or segment.kind == LITERAL and given[i] ~= segment.text then return nil end
    if segment.kind == ONE then
      if given[i] == "" then return nil end
      values[#values + 1] = given[i]
    end
  end
  return #given == #segments and values or nil
end

---@class moontide.Router
local Router = {}
Router.__index = Router

-- The methods that a path of those shapes takes, as Allow lists them.
local function allowed(shapes)
  local methods = {OPTIONS = true}
  for _, shape in ipairs(shapes) do
    for method in pairs(shape.routes) do methods[method] = true end
  end
  methods.HEAD = methods.HEAD or methods.GET
  return table.concat(ordered.keys(methods), ", ")
end

local function named(route, values)
  local params = {}
  for i, name in ipairs(route.names) do params[name] = values[i] end
  return params
end

--- The route for a request; HEAD is served by GET's when it has none of its own.
---@param method string
---@param segments string[] decoded, of uri.segments
---@return table? route
---@return table<string, string>|string|nil params or, without a route, the methods that the path takes;
---  nil: there is no such path
function Router:find(method, segments)
  local fitting = {}
  for _, shape in ipairs(self.shapes) do
    local values = match(shape.segments, segments)
    if values then
      local route = shape.routes[method] or method == "HEAD" and shape.routes.GET
      if route then return route, named(route, values) end
      fitting[#fitting + 1] = shape
    end
  end
  return nil, #fitting > 0 and allowed(fitting) or nil
end

--- The methods that any path takes, as Allow lists them.
---@return string
function Router:methods() return allowed(self.shapes) end

local function add(op, shapes, route)
  local shape = shapes[route.shape]
  if not shape then
    shape = {segments = route.segments, key = route.shape, routes = {}}
    shapes[route.shape], shapes[#shapes + 1] = shape, shape
  end
  local other = shape.routes[route.method]
  if other then check.fail(op, 'routes "%s" and "%s" are for the same requests', other.key, route.key) end
  shape.routes[route.method] = route
end

--- Checks and sorts routes.
---@param op string the function as the caller knows it
---@param routes table<string, any> "METHOD /path" to whatever it is for
---@return moontide.Router router its `list` has the routes, each with its `value`, in the order of their texts
local function compile(op, routes)
  local shapes, list = {}, {}
  for key, value in ordered.pairs(routes) do
    local route = parse(op, key)
    route.value = value
    list[#list + 1] = route
    add(op, shapes, route)
  end
  table.sort(shapes, function(a, b) return a.key < b.key end)
  return setmetatable({shapes = shapes, list = list}, Router)
end

return {compile = compile}
