-- verdict: 4 attempt to load a binary chunk
local path = os.tmpname()
local file = assert(io.open(path, "wb"))
file:write(string.dump(function() end))
file:close()
local chunk, why = loadfile(path, "b")
os.remove(path)
assert(chunk, why)
