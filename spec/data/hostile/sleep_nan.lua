-- verdict: 4
mt.sleep(0 / 0)
