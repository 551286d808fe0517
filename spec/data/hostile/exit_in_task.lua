-- verdict: 3
mt.spawn(function() os.exit(3) end)
mt.sleep(60)
