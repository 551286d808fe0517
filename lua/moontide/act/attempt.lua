--- Calls that may be made again: the one place that retries.

local task = require "moontide.c.task"

local FIRST, MAX, TRIES = 0.5, 30, 4 -- s, s

--- Calls fn(...) again while the engine asks for that, after 0.5 s doubling to 30 s, each a little shorter by chance.
--- What the engine cannot do just now, or what is in progress there, is tried again; an engine that is not
--- there is not waited for.
---@param fn fun(...): any, moontide.Error? for what may be done twice
---@return any ... its last results
local function attempt(fn, ...)
  local wait = FIRST
  for _ = 2, TRIES do
    local results = table.pack(fn(...))
    local err = results[2]
    if results[1] ~= nil or type(err) ~= "table" or err.kind == "transport"
      or err.next ~= "retry" and err.next ~= "wait" then
      return table.unpack(results, 1, results.n)
    end
    task.sleep(wait * (0.75 + math.random() / 4))
    wait = math.min(wait * 2, MAX)
  end
  return fn(...)
end

return attempt
