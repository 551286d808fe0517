-- verdict: 3
mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() os.exit(3) end})
  error("x")
end)
mt.sleep(60)
