--- Objects that `for` can call and that close themselves when the loop is left, however that happens.

local task = require "moontide.c.task"

local BACKOFF_FIRST, BACKOFF_MAX = 0.1, 5 -- s

---@class moontide.Iterator
---@field close fun(self: moontide.Iterator) ends it; also at the end of `for`

--- A class of iterators.
---@param next_item fun(self: table): any, any, any up to three values, of which the first is not nil; nothing at
---  the end; nil, err for a failure, which is raised, as io.lines does
---@param close fun(self: table) idempotent
---@param methods table<string, function>? more methods
---@return fun(fields: table): table, nil, nil, table new the object as `for` wants it, and as assert passes it on
local function class(next_item, close, methods)
  local index = {close = close}
  for name, method in pairs(methods or {}) do index[name] = method end
  local metatable = {__index = index, __close = close, __name = "moontide.iterator"}
  function metatable.__call(self)
    local first, second, third = next_item(self)
    if first == nil then
      close(self)
      if second ~= nil then error(second, 0) end
      return nil
    end
    return first, second, third
  end
  return function(fields)
    local self = setmetatable(fields, metatable)
    return self, nil, nil, self
  end
end

--- Waits before the next try: 0.1 s at first, doubling to 5 s, each a little shorter by chance, so that many
--- who lost the same engine do not come back all at once.
---@param waited number? what this returned the last time; nil: it is the first
---@return number
local function back_off(waited)
  local wait = waited and math.min(waited * 2, BACKOFF_MAX) or BACKOFF_FIRST
  task.sleep(wait * (0.75 + math.random() / 4))
  return wait
end

--- Whether an engine that went away, or that cannot just now, may answer later.
---@param err moontide.Error
---@return boolean
local function may_pass(err)
  return err.kind == "transport" or err.kind == "timeout" or err.kind == "engine" and err.next == "retry"
end

return {class = class, back_off = back_off, may_pass = may_pass}
