-- verdict: 4 syntax error
assert(load(("x"):rep(10000) .. " " .. ("y"):rep(10000)))
