-- verdict: 4 C stack overflow
assert(load(("return function() "):rep(10000)))
