-- verdict: 4 (error object is a table value)
error({"x"})
