-- verdict: 4 42
error(42)
