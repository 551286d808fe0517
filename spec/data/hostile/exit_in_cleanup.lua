-- verdict: 3
-- The first exit decides; the second ends who calls it all the same.
local _ <close> = setmetatable({}, {__close = function()
  mt.spawn(function()
    os.exit(5)
    error("went on")
  end)
end})
os.exit(3)
