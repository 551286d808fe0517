-- verdict: 70 stuck
string.find(("("):rep(400000), "%b()")
