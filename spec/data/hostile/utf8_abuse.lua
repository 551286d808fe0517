-- verdict: 4 invalid UTF-8 code
assert(not utf8.len("\xff"))
assert(#utf8.char(0x7fffffff) == 6)
assert(not pcall(utf8.char, 1 << 40))
assert(not pcall(utf8.codepoint, "\xf4\x90\x80\x80"))
for _ in utf8.codes("ok\xff") do end
