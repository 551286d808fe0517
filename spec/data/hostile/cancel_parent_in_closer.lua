-- verdict: 0
local parent, child
parent = mt.spawn(function()
  child = mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = function() parent:cancel() end})
    mt.sleep(60)
  end)
  mt.sleep(60)
end)
mt.sleep(0)
mt.sleep(0)
child:cancel()
mt.sleep(0)
assert(child:status() == "cancelled" and parent:status() == "cancelled")
