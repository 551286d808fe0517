-- verdict: 4
utf8.char(table.unpack({}, 1, 1000000))
