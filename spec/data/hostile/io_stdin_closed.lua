-- verdict: 0
assert(select(2, io.stdin:close()) == "cannot close standard file")
assert(io.read() == nil)
io.input("/dev/null")
io.input():close()
assert(not pcall(io.read))
