-- verdict: 0
assert(string.rep("", 1e15) == "")
assert(("").rep("", math.maxinteger, "") == "")
