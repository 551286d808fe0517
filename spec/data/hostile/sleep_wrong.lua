-- verdict: 4 mt.sleep
mt.sleep(-1)
