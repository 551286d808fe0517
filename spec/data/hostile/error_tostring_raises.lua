-- verdict: 4 its __tostring failed
error(setmetatable({}, {__tostring = function(self) error(self) end}))
