-- verdict: 3
mt.all {function() mt.all {function() os.exit(3) end} end, function() mt.sleep(60) end}
