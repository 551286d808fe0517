-- verdict: 0
assert(not pcall(utf8.offset, "x", math.mininteger, 1 << 40))
assert(utf8.offset("x", math.maxinteger) == nil)
