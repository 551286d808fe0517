-- manager: three replicas that a discovery receiver hears of, then five, then two; what it heard
local IMAGE = "moontide/web"
local m, heard = mt.manager {stop_timeout = 1}, {}

-- Whoever DISCOVERY_CALLBACK names is told of each create, start and stop: here it is this script.
local receiver = assert(mt.http.serve {addr = "127.0.0.1:0", routes = {
  ["POST /discovery"] = function(request)
    local told = request.json
    local bound = told.ports["80/tcp"]
    heard[#heard + 1] = {event = told.event, name = told.name, where = bound and told.host .. ":" .. bound[1].HostPort}
    return 204
  end,
}})

local function report(what, result)
  local done = {}
  for i, action in ipairs(result.actions) do done[i] = action.ok and action.action or action.error end
  print(("%s: %s, %d containers (%s)"):format(what, result.ok and "ok" or result.error, #result.current,
    #done > 0 and table.concat(done, ", ") or "nothing to do"))
end

m:register_desired_state(IMAGE, {
  min_replicas = 3, max_replicas = 3, ports = {["80/tcp"] = 0}, resources = {memory = "64m"},
  env = {DISCOVERY_CALLBACK = ("http://%s/discovery"):format(receiver.addr)},
})
report("reconcile to 3", m:reconcile(IMAGE))
report("reconcile again", m:reconcile(IMAGE))
report("scale to 5", m:scale(IMAGE, {min_replicas = 5, max_replicas = 5}))
report("scale to 2", m:scale(IMAGE, {min_replicas = 2, max_replicas = 2}))

local limit = mt.monotonic() + 5 -- callbacks go out beside what they tell of
while #heard < 8 and mt.monotonic() < limit do mt.sleep("10ms") end
print("discovery heard:")
io.write(mt.text.table(heard, {{key = "event"}, {key = "name"}, {key = "where"}}))
if arg[1] ~= "--keep" then -- then two are left to be looked at
  m:scale(IMAGE, {min_replicas = 0, max_replicas = 0})
  m:forget(IMAGE)
end
receiver:close()
