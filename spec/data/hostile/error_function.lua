-- verdict: 4 (error object is a function value)
error(print)
