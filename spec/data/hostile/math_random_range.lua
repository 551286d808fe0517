-- verdict: 4 interval is empty
math.random(math.maxinteger, math.mininteger)
