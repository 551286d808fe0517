-- verdict: 3 exit_in_closer_of_failed.lua:4: x
mt.spawn(function()
  local _ <close> = setmetatable({}, {__close = function() os.exit(3) end})
  error("x")
end)
mt.sleep(60)
