-- verdict: 4 script budget exceeded
-- Out of memory again and again; each is an error that can be caught.
while true do
  pcall(function()
    local t = {}
    for i = 1, math.huge do t[i] = {t[i - 1]} end
  end)
end
