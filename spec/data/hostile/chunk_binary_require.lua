-- verdict: 4 attempt to load a binary chunk
local path = os.tmpname()
local file = assert(io.open(path, "wb"))
file:write(string.dump(function() end))
file:close()
package.path = path
local ok, why = pcall(require, "whatever")
os.remove(path)
assert(ok, why)
