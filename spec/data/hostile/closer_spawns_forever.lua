-- verdict: 3
-- What closers spawn has five seconds; it is not what keeps a script alive.
local function again()
  mt.spawn(function()
    local _ <close> = setmetatable({}, {__close = again})
    mt.sleep(0)
  end)
end
again()
os.exit(3)
