-- verdict: 0
assert(not package.loadlib("/nonexistent.so", "*"))
assert(not package.cpath:find("%f[^\0;]%."))
