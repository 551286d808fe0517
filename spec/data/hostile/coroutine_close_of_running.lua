-- verdict: 4 cannot close a running coroutine
coroutine.close(coroutine.running())
