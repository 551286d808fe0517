--- One answer for all who ask at the same time.

local task = require "moontide.c.task"

--- The results of fn, which is called after this was: who comes while it is under way shares the next call. So what
--- is seen is never older than the question.
---@param waves table<string, table> what is under way, kept by the caller
---@param key string of the question
---@param fn fun(): any, any
---@return any ... its results, which others may have got, too: not to be changed
local function shared(waves, key, fn)
  local wave = waves[key]
  if not wave or wave.begun then
    local before
    before, wave = wave, {begun = false}
    waves[key] = wave
    -- Nobody's: who asked first may be cancelled, and the others go on waiting.
    wave.task = task.spawn_for(nil, function()
      if before then before.task:join() end
      task.sleep(0) -- those who ask in this turn, too
      wave.begun = true
      local results = table.pack(pcall(fn))
      if waves[key] == wave then waves[key] = nil end
      return table.unpack(results, 1, results.n)
    end)
  end
  local results = table.pack(wave.task:join())
  if not results[1] then error(results[2], 0) end -- cancelled with the program
  if not results[2] then error(results[3], 0) end
  return table.unpack(results, 3, results.n)
end

return shared
