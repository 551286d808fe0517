-- verdict: 4 attempt to load a binary chunk
assert(load(string.dump(function() end), "x", "b"))
