-- verdict: 0
for i = 1, 200 do
  collectgarbage(i % 2 == 0 and "generational" or "incremental")
  local t = setmetatable({}, {__mode = "k"})
  for j = 1, 200 do t[{}] = {t, j} end
  collectgarbage("step")
end
