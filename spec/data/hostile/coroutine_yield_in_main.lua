-- verdict: 4 attempt to yield from outside a coroutine
coroutine.yield()
