-- verdict: 4 globals_gone.lua:12: the last error
error, old_error = nil, error
for _, name in ipairs {"assert", "getmetatable", "ipairs", "load", "next", "pairs", "pcall", "print", "rawget",
  "rawset", "require", "select", "setmetatable", "tostring", "tonumber", "type", "xpcall", "string", "table",
  "io", "os", "math", "coroutine", "debug", "utf8", "package", "arg", "mt", "collectgarbage", "dofile"} do
  if name ~= "ipairs" then _G[name] = nil end
end
ipairs = nil
_G._G = nil
local raise = old_error
old_error = nil
raise("the last error")
