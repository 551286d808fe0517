-- verdict: 0
assert(debug.gethook() == nil)
assert(debug.sethook == nil)
