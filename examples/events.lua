-- events: waits for what happens to one container while another task starts and kills it
local LABEL = {["moontide.example"] = "events"}
local filters = {type = "container", label = "moontide.example=events"}
local events = assert(mt.docker.events {filters = filters})

mt.spawn(function()
  local id = assert(mt.docker.run {image = "moontide/web", labels = LABEL}).container_id
  assert(mt.docker.kill(id))
  assert(mt.docker.remove(id, {force = true}))
end)

for event in events do
  local code = event.exit_code and (", exit code %d"):format(event.exit_code) or ""
  print(("%s %s%s"):format(event.image, event.action, code))
  if event.action == "destroy" then break end -- leaving the loop closes the stream
end
