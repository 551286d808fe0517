-- verdict: 4 resulting string too large
string.rep("", 1 << 40, "x")
