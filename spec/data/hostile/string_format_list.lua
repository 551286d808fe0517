-- verdict: 4 not enough memory
local s = ("x"):rep(1 << 20)
local arguments = {}
for i = 1, 200 do arguments[i] = s end
string.format(("%s"):rep(200), table.unpack(arguments))
