-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function(self) return tostring(self) end}))
