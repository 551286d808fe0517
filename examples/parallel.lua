-- parallel: three ways to run things side by side, and what a failure does to the others
local function nap(seconds)
  mt.sleep(seconds)
  return seconds
end

-- The longest one decides how long all of them take.
local began = mt.monotonic()
local naps = mt.map({0.1, 0.2, 0.3}, nap)
print(("mt.map: %d naps of %.1f s in all took %.1f s"):format(#naps, 0.6, mt.monotonic() - began))

-- The first one wins, the others are cancelled.
print("mt.race: " .. mt.race {function() return nap(5) end, function() return nap(0.1) end})

-- Too late is an error value, not an exception.
local _, err = mt.timeout("100ms", nap, 5)
print("mt.timeout: " .. err.kind)

-- An error ends the siblings; their <close> variables are run.
local ok, why = pcall(mt.all, {
  function()
    local _ <close> = setmetatable({}, {__close = function() print("sibling: cleaned up") end})
    nap(5)
  end,
  function() error("something broke") end,
})
print("mt.all: " .. tostring(ok) .. ", " .. why)
