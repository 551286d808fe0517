-- verdict: 4 script budget exceeded
-- Each has its tenth of a second.
for _ = 1, 5 do
  mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = function() while true do end end})
    mt.sleep(60)
  end)
end
mt.sleep(0)
error("now they all close")
