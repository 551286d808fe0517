-- verdict: 4 nil (error was called without a message)
error()
