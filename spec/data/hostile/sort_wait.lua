-- verdict: 4 cannot wait inside table.sort
table.sort({3, 2, 1}, function(a, b) mt.sleep(0) return a < b end)
