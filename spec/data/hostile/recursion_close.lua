-- verdict: 4
local function nest()
  local _ <close> = setmetatable({}, {__close = nest})
end
nest()
