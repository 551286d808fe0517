-- verdict: 4 too many local variables
assert(load(("local x "):rep(201)))
