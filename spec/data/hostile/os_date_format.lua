-- verdict: 4 invalid conversion specifier
os.date("%Ez")
