-- verdict: 4 mt.spawn
mt.spawn(42)
