-- verdict: 4
mt.sleep(math.huge)
