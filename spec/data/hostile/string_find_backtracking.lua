-- verdict: 70 stuck
string.find(("a"):rep(40), ("a*"):rep(30) .. "b")
