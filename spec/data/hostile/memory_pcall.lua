-- verdict: 4 script budget exceeded
-- Out of memory again and again; each is an error that can be caught.
while true do
  pcall(function()
    local t = {}
    while true do table.insert(t, {}) end
  end)
end
