-- receiver: hears what managers announce (env.DISCOVERY_CALLBACK = "http://ADDR/"): POST / keeps it, GET / lists
-- moontide examples/receiver.lua [ADDR]
local KEEP = 1000
local heard = mt.json.array()

local function hear(req)
  local notice = req.json
  if type(notice) ~= "table" or type(notice.image) ~= "string" then
    return 422, {error = "an announcement is JSON: {image, name, status, event, ...}", field = "image"}
  end
  heard[#heard + 1] = notice
  if #heard > KEEP then table.remove(heard, 1) end
  mt.log.info("%s %s: %s is %s", notice.event, notice.image, notice.name, notice.status)
  return 204
end

local server = assert(mt.http.serve {
  addr = ... or "127.0.0.1:8081",
  routes = {["POST /"] = hear, ["GET /"] = function() return heard end},
})
print("listening on http://" .. server.addr)
io.flush()
