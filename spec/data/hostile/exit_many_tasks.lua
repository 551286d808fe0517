-- verdict: 3
-- slow
for _ = 1, 2000 do
  mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = function() mt.spawn(function() mt.sleep(0) end) end})
    mt.sleep(60)
  end)
end
mt.sleep(0)
os.exit(3)
