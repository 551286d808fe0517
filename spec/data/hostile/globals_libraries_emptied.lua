-- verdict: 4 globals_libraries_emptied.lua:9: the last error
local raise = error
for _, library in pairs {string, table, io, os, math, coroutine, debug, utf8} do
  for name in next, library do library[name] = nil end
end
for name in next, package.loaded do
  if name ~= "_G" then package.loaded[name] = nil end
end
raise("the last error")
