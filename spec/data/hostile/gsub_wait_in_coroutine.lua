-- verdict: 4 cannot wait inside table.sort, string.gsub
string.gsub("x", ".", coroutine.wrap(function() mt.sleep(0) end))
