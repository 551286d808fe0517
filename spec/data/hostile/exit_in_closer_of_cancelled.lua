-- verdict: 3
local task = mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() os.exit(3) end})
  mt.sleep(60)
end)
mt.sleep(0)
task:cancel()
mt.sleep(60)
