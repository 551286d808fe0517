-- verdict: 4 invalid key to 'next'
next({}, "no such key")
