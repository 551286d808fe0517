-- verdict: 3
coroutine.wrap(os.exit)(3)
error("went on")
