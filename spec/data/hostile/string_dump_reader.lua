-- verdict: 4 attempt to load a binary chunk
local code = string.dump(function() end)
local function reader()
  local piece = code
  code = nil
  return piece
end
assert(load(reader, "x", "bt"))
