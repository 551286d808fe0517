-- verdict: 4 field 'getregistry'
local registry = debug.getregistry()
for key in next, registry do
  if key ~= 1 and key ~= 2 then registry[key] = nil end
end
mt.http.get("http://127.0.0.1:1/")
error("still here")
