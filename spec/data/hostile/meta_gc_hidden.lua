-- verdict: 0
-- What is no finalizer when the metatable is set never becomes one.
local meta = {__index = {__gc = print}}
setmetatable({}, setmetatable(meta, {__index = {__gc = function() while true do end end}}))
meta.__gc = function() while true do end end
collectgarbage()
