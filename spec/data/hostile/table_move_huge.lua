-- verdict: 4 would move more than
table.move({1}, 1, 1e15, 2)
