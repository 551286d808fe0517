-- verdict: 4 globals_gone.lua:6: the last error
local raise, globals = error, _G
local names = {}
for name in pairs(globals) do names[#names + 1] = name end
for i = 1, #names do globals[names[i]] = nil end
raise("the last error")
