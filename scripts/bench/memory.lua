-- memory: what each of `arg[2]` coroutines, sleeping tasks or tasks with a transfer in flight
-- (`arg[1]`) costs: bytes of the Lua state, and of the process's own pages, which count what C keeps
local mt = require "moontide"

local function pages()
  for line in io.lines("/proc/self/smaps_rollup") do
    local kib = line:match("^Private_Dirty:%s*(%d+)")
    if kib then return kib * 1024 end
  end
end

local function measure()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024, pages()
end

local function suspend() return coroutine.yield() end

local START = {
  coroutine = function()
    local co = coroutine.create(function() suspend() end)
    coroutine.resume(co)
    return co
  end,
  task = function()
    return mt.spawn(function() mt.sleep(60) end)
  end,
  transfer = function()
    return mt.spawn(function() mt.docker.stats("held") end)
  end,
}

local start, count = START[arg[1]], tonumber(arg[2])
local all = table.move({}, 1, count, 1, {})
all[1] = start() -- loads what has to be loaded
mt.sleep(0.2)
local lua, process = measure()
for i = 2, count do all[i] = start() end
mt.sleep(1) -- by then every reply has begun
local lua_after, process_after = measure()
print((lua_after - lua) / (count - 1), (process_after - process) / (count - 1))
os.exit(true)
