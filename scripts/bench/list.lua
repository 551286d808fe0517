-- list: peak memory of the process before and after one long list, bytes of the summaries that it
-- gives, and the longest time that another task had to wait meanwhile
local mt = require "moontide"

local function peak()
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^VmHWM:%s*(%d+)")
    if kib then return kib * 1024 end
  end
end

local function live()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024
end

assert(mt.docker.ping())
local longest, last = 0, nil
local beside = mt.spawn(function()
  while true do
    local now = mt.monotonic()
    longest = math.max(longest, now - (last or now))
    last = now
    mt.sleep(0.001)
  end
end)
local before = live()
last = nil
local list = assert(mt.docker.list {all = true})
beside:cancel()
local highest = peak()
assert(#list == tonumber(arg[1]), #list)
print(highest, live() - before, longest)
