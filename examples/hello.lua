-- hello: the smallest script: which engine is there, and what does it say?
local version, err = mt.docker.version()
if not version then
  print("no engine: " .. tostring(err))
  os.exit(1)
end
print(("hello from Docker Engine %s (API %s) on %s"):format(version.Version, version.ApiVersion, version.Os))
