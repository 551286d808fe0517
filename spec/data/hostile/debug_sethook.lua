-- verdict: 4 field 'sethook'
debug.sethook()
