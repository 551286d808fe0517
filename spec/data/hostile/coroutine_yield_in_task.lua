-- verdict: 4 attempt to yield from outside a coroutine
mt.spawn(coroutine.yield, 1)
