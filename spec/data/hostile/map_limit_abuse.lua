-- verdict: 4 mt.map
mt.map({1}, print, {limit = 0 / 0})
