-- verdict: 4 invalid conversion
string.format("%999999999d", 1)
