-- verdict: 4 xxx
error(("x"):rep(60000))
