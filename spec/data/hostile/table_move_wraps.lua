-- verdict: 4 would move more than
table.move({}, math.mininteger, math.maxinteger - 1, 1)
