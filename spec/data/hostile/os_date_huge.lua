-- verdict: 4
os.date("*t", math.maxinteger)
