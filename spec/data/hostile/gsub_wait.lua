-- verdict: 4 cannot wait inside table.sort, string.gsub
string.gsub("x", ".", function() mt.sleep(0) end)
