-- verdict: 4 pattern too complex
string.match(("x"):rep(300000), ("(x"):rep(10) .. (")"):rep(10) .. ("x?"):rep(250000))
