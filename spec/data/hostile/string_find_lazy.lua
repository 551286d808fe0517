-- verdict: 70 stuck
string.find(("x"):rep(4000), ".-.-.-.-b")
