-- The manager on an engine that is a table of Lua functions: what it asks of it, and when that fails.
local cjson = require "cjson"
local host = require "spec.support.host"

-- An engine in memory. `calls` counts by function; `fail[name](id or spec, n)` returns an error's kind, next and
-- message for the n-th call of that function.
local ENGINE = [[
local errors = require "moontide.core.errors"
local calls, fail, all, clock, images = {}, {}, {}, 0, {web = true}
local function failing(name, what)
  local n = (calls[name] or 0) + 1
  calls[name] = n
  mt.sleep(0.001)
  if not fail[name] then return nil end
  local kind, message, next_step = fail[name](what, n)
  return kind and errors.new(kind, "docker." .. name, message, {next = next_step})
end
local function find(id)
  for i, c in ipairs(all) do
    if c.container_id == id or c.name == id then return c, i end
  end
end
local function copy(c)
  local new = {}
  for k, v in pairs(c) do new[k] = v end
  return new
end
local function of(name, fn)
  return function(id, ...)
    local err = failing(name, id)
    if err then return nil, err end
    local c, i = find(id)
    if not c then return nil, errors.new("not_found", "docker." .. name, "no such container") end
    return fn(c, i, ...)
  end
end
local engine = {
  list = function(options)
    local err = failing("list")
    if err then return nil, err end
    local image, found = options.label["orchestrator.image"], mt.json.array {}
    for i = #all, 1, -1 do
      local label = all[i].labels["orchestrator.image"]
      if label and (image == true or label == image) then found[#found + 1] = copy(all[i]) end
    end
    return found
  end,
  run = function(spec)
    local err = failing("run", spec)
    if err then return nil, err end
    clock = clock + 1
    local stopped = spec.resources and spec.resources.status == "stopped"
    local c = {container_id = ("%064x"):format(clock), name = spec.name, image = spec.image, created = clock, ports = {},
      labels = spec.labels, status = stopped and "created" or "running"}
    all[#all + 1] = c
    return copy(c)
  end,
  summary = of("summary", function(c) return copy(c) end),
  stop = of("stop", function(c) c.status = "exited" return true end),
  start = of("start", function(c) c.status = "running" return true end),
  remove = of("remove", function(_, i) table.remove(all, i) return true end),
  wait_ports = of("wait_ports", function(c) return c.ports end),
  image = function(name)
    local err = failing("image", name)
    if err then return nil, err end
    if images[name] then return {} end
    return nil, errors.new("not_found", "docker.image", "no such image")
  end,
  pull = function(name)
    local err = failing("pull", name)
    if err then return nil, err end
    images[name] = true
    return function() return nil end
  end,
}
local function show(value) print(mt.json.encode(value)) end
]]

-- What the code shows last, decoded; the rest of its output, and what it says on stderr. Each has a state of its own.
local states = 0
local function run(code)
  states = states + 1
  local result = host.script(ENGINE .. code, {env = {MOONTIDE_STATE = ("%s-%d"):format(os.getenv "MOONTIDE_STATE", states)}})
  assert.are.equal(0, result.code, result.err)
  local last = result.out:match("([^\n]*)\n$")
  return cjson.decode(last), result.err, result.out
end

local function count(list, key, value)
  local n = 0
  for _, item in ipairs(list) do n = n + (item[key] == value and 1 or 0) end
  return n
end

describe("The manager on an injected engine", function()
  it("asks it for nothing until it is used, and its factory once", function()
    local got = run [[
      local made = 0
      local m = mt.manager {engine_factory = function() made = made + 1 return engine end}
      local before = made
      m:list_managed_containers() m:list_managed_containers()
      show {before, made, calls.list}
    ]]
    assert.are.same({0, 1, 2}, got)
  end)

  it("tells when its factory has none", function()
    local got = run [[
      local m = mt.manager {engine_factory = function() return nil, "no luck" end}
      local list, err = m:list_managed_containers()
      local r = m:reconcile "web"
      show {list == nil, tostring(err), r.ok, r.error}
    ]]
    assert.are.same({true, "manager: engine_factory must return an engine, got nil: no luck", false,
      "engine_factory must return an engine, got nil: no luck"}, got)
  end)

  it("pulls a missing image once for all replicas, and nothing when nothing is made", function()
    local got = run [[
      local m, pulls = mt.manager {engine = engine}, {}
      images = {}
      m:register_desired_state("fresh", {min_replicas = 5, max_replicas = 5})
      local r = m:reconcile "fresh"
      m:reconcile "fresh"
      show {r.ok, #r.current, calls.pull, calls.image, calls.run}
    ]]
    assert.are.same({true, 5, 1, 1, 5}, got)
  end)

  it("makes nothing when the image cannot be pulled, and says so for each", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      fail.pull = function() return "denied", "log in first" end
      m:register_desired_state("secret", {min_replicas = 2, max_replicas = 2})
      show(m:reconcile "secret")
    ]]
    assert.is_false(got.ok)
    assert.are.equal("Failed to run container: the image cannot be pulled: log in first", got.error)
    assert.are.same({"create", "create", false, false}, {got.actions[1].action, got.actions[2].action, got.actions[1].ok,
      got.actions[2].ok})
    assert.are.equal(got.error, got.actions[2].details.error)
    assert.are.same({}, got.current)
  end)

  it("goes on with the others when one create fails", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      fail.run = function(_, n) if n == 2 then return "conflict", "port is already allocated" end end
      m:register_desired_state("web", {min_replicas = 4, max_replicas = 4})
      show(m:reconcile "web")
    ]]
    assert.is_false(got.ok)
    assert.are.equal(3, #got.current)
    assert.are.equal(3, count(got.actions, "ok", true))
    assert.are.equal("Failed to run container: port is already allocated", got.error)
  end)

  it("reports an engine that goes away in the middle", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      fail.list = function(_, n) if n > 1 then return "transport", "the engine hung up" end end
      m:register_desired_state("web", {min_replicas = 2, max_replicas = 2})
      show(m:reconcile "web")
    ]]
    assert.are.same({false, "the engine hung up", "transport", 2}, {got.ok, got.error, got.kind, #got.actions})
  end)

  it("tries again what the engine asks to be tried again, and no more than that", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      local c = m:run_new_container "web"
      fail.remove = function(_, n) if n < 3 then return "conflict", "removal is in progress", "wait" end end
      local first = m:delete_container(c.name)
      local tries = calls.remove
      c = m:run_new_container "web"
      fail.remove = function() return "engine", "driver failed", "give_up" end
      show {first.deleted, tries, m:delete_container(c.name).error, calls.remove - tries}
    ]]
    assert.are.same({true, 3, "driver failed", 1}, got)
  end)

  it("leaves a container in its place whose removal failed", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:scale("web", {min_replicas = 1, max_replicas = 1})
      fail.stop = function() return "engine", "it does not stop", "give_up" end
      local failed = m:delete_container(all[1].name)
      fail.stop = nil
      local r = m:reconcile "web"
      show {failed.deleted, failed.error, r.ok, #r.actions, #r.current, calls.run}
    ]]
    assert.are.same({false, "it does not stop", true, 0, 1, 1}, got)
  end)

  it("tells of the stop of a container whom its own env names, when nothing is wished", function()
    local got = run [[
      local heard = mt.json.array {}
      engine.inspect = function() return {Config = {Env = {"A=b", "DISCOVERY_CALLBACK=http://127.0.0.1:1/x"}}} end
      local m = mt.manager {engine = engine, notify = function(notice) heard[#heard + 1] = notice.url end}
      local c = m:run_new_container("web", {env = {DISCOVERY_CALLBACK = "http://127.0.0.1:1/x"}})
      m:delete_container(c.name)
      repeat mt.sleep(0.001) until #heard >= 2
      show(heard)
    ]]
    assert.are.same({"http://127.0.0.1:1/x", "http://127.0.0.1:1/x"}, got)
  end)

  it("takes a container that went away in between as removed", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:scale("web", {min_replicas = 2, max_replicas = 2})
      fail.stop = function(id)
        table.remove(all, select(2, find(id)))
        return "not_found", "no such container"
      end
      show(m:scale("web", {min_replicas = 0, max_replicas = 0}))
    ]]
    assert.are.same({true, 2, 2, 0}, {got.ok, #got.actions, count(got.actions, "ok", true), #got.current})
  end)

  it("runs the operations of one image one after the other, and those of others beside them", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      images.other = true
      local results = mt.all {
        function() return m:scale("web", {min_replicas = 3, max_replicas = 3}) end,
        function() return m:scale("other", {min_replicas = 2, max_replicas = 2}) end,
        function() return m:reconcile "web" end,
        function() return m:ensure_singleton_for_image "web" end,
      }
      show {#results[1].actions, #results[2].actions, #results[3].actions, results[4].action, #all}
    ]]
    assert.are.same({3, 2, 0, "kept-existing", 5}, got)
  end)

  it("plans by the planner that it is given, and takes its start and stop", function()
    local got, _, out = run [[
      local plan = {}
      local m = mt.manager {engine = engine, planner = function(desired, observed, now, victim)
        print(desired.image, #observed, now > 1e9, victim)
        return plan
      end}
      plan = {{action = "create", reason = "why not"}, {action = "create", reason = "another"}}
      local made = m:reconcile "web"
      local first, second = made.current[1], made.current[2]
      plan = {{action = "stop", container_id = first.container_id}, {action = "remove", container_id = second.container_id}}
      local changed = m:reconcile "web"
      plan = {{action = "start", container_id = first.container_id}}
      local started = m:reconcile "web"
      show {#made.actions, changed.current[1].status, #changed.current, started.ok, started.current[1].status}
    ]]
    assert.are.same({2, "exited", 1, true, "running"}, got)
    assert.matches("^web\t0\ttrue\tnil\n", out)
  end)

  for _, case in ipairs {
    {"error('sick')", "the file and line", ":%d+: sick"},
    {"return 5", "what it returned", 'image "web": it returned number, not a list of steps'},
    {"return {{action = 'grow'}}", "the step", 'step 1: action must be "create", "remove", "start" or "stop"'},
    {"return {{action = 'create'}, {action = 'remove', container_id = 'x'}}", "the container", "step 2: container_id must be"},
  } do
    it("does nothing when its planner is wrong, and says " .. case[2], function()
      local got = run(([[
        local m = mt.manager {engine = engine, planner = function() %s end}
        local r = m:reconcile "web"
        show {r.ok, r.error, r.kind, #r.actions, calls.run == nil}
      ]]):format(case[1]))
      assert.are.same({false, "script", 0, true}, {got[1], got[3], got[4], got[5]})
      assert.matches(case[3], got[2])
    end)
  end

  it("does nothing when its planner plans two steps for one container, or its victim is wrong", function()
    local got = run [[
      mt.manager {engine = engine}:scale("web", {min_replicas = 2})
      local function planner(_, observed)
        local id = observed[1].container_id
        return {{action = "stop", container_id = id}, {action = "remove", container_id = id}}
      end
      local twice = mt.manager {engine = engine, planner = planner}:reconcile "web"
      local greedy = mt.manager {engine = engine, victim = function(running) return running end}
      local all, kept = greedy:scale("web", {max_replicas = 1}), nil
      kept = mt.manager {engine = engine, victim = function() return {} end}:reconcile "web"
      show {twice.error, twice.kind, all.error, all.kind, kept.error, calls.stop == nil}
    ]]
    assert.are.same({
      'image "web": step 2: its container has a step already', "script",
      'image "web": victim returned 2 containers, and at most 1 may go', "script",
      "2 of 2 containers run, and 1 to 1 should; see whether planner or victim keep them", true,
    }, got)
  end)

  it("removes whom its victim names", function()
    local got = run [[
      local m = mt.manager {engine = engine, victim = function(running, n)
        return table.move(running, 1, n, 1, {}) -- the newest: lists have them first
      end}
      m:scale("web", {min_replicas = 3, max_replicas = 3})
      m:scale("web", {min_replicas = 1, max_replicas = 1})
      show(m:list_managed_containers())
    ]]
    assert.are.same({1, ("%064x"):format(1)}, {#got, got[1].container_id})
  end)

  it("tells its notify of every transition, in order for each container, whatever it does", function()
    local got, err = run [[
      local heard = mt.json.array {}
      local m = mt.manager {engine = engine, notify = function(notice)
        if notice.event == "create" then mt.sleep(0.02) end -- what comes later waits for it
        heard[#heard + 1] = notice.event .. " " .. notice.status
        if notice.event == "start" then error("deaf") end
      end}
      local c = m:run_new_container "web"
      m:set_container_status(c.name, {status = "stopped"})
      m:set_container_status(c.name, {status = "stopped"})
      m:set_container_status(c.name, {status = "running"})
      local r = m:delete_container(c.name)
      m:run_new_container("web", {resources = {status = "stopped"}})
      repeat mt.sleep(0.001) until #heard >= 5
      show(heard)
    ]]
    table.sort(got)
    assert.are.same({"create running", "create stopped", "start running", "stop stopped", "stop stopped"}, got)
    assert.matches("nobody heard of the start of web%-%x+: .*deaf", err)
  end)

  it("waits for the ports that were registered, and only for those", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:run_new_container "web"
      local without = calls.wait_ports
      m:run_new_container("web", {ports = {["80/tcp"] = 0}})
      show {without == nil, calls.wait_ports}
    ]]
    assert.are.same({true, 1}, got)
  end)

  it("of a stopped wish converges: any state counts, and none runs", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:scale("web", {min_replicas = 1, max_replicas = 1})
      m:register_desired_state("web", {min_replicas = 2, max_replicas = 2, resources = {status = "stopped"}})
      local r = m:reconcile "web"
      show {r.ok, #r.current, r.current[1].status, r.current[2].status, #m:reconcile("web").actions}
    ]]
    assert.are.same({true, 2, "created", "exited", 0}, got)
  end)

  it("does not make more while the engine restarts what is there, and is not content either", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:scale("web", {min_replicas = 1, max_replicas = 1})
      all[1].status = "restarting"
      show(m:reconcile "web")
    ]]
    assert.are.same({false, 0, 1}, {got.ok, #got.actions, #got.current})
    assert.are.equal("0 of 1 containers run, and 1 to 1 should; look at their logs", got.error)
  end)

  it("leaves containers of others, of services and without a label alone", function()
    local got = run [[
      local m = mt.manager {engine = engine}
      m:scale("web", {min_replicas = 1, max_replicas = 1})
      local function other(name, labels)
        all[#all + 1] = {container_id = ("%064x"):format(1000 + #all), name = name, image = "web", status = "running",
          created = 0, ports = {}, labels = labels}
      end
      other("foreign", {["orchestrator.image"] = "web", ["moontide.owner"] = ("f"):rep(32)})
      other("service", {["orchestrator.image"] = "web", ["moontide.service"] = "shop"})
      other("plain", {})
      other("original", {["orchestrator.image"] = "web"})
      local listed = #m:list_managed_containers()
      local errors = {m:delete_container("foreign", {force = true}).error, m:delete_container("service").error,
        m:delete_container("plain").error, m:set_container_status("foreign", {status = "stopped"}).error}
      local forced = m:delete_container("plain", {force = true}).deleted
      local r = m:scale("web", {min_replicas = 0, max_replicas = 0})
      local left = mt.json.array {}
      for i, c in ipairs(all) do left[i] = c.name end
      show {listed, forced, #r.actions, left, errors}
    ]]
    assert.are.same({2, true, 2, {"foreign", "service"}}, {got[1], got[2], got[3], got[4]})
    assert.matches("belongs to another moontide", got[5][1])
    assert.matches("belongs to a service", got[5][2])
    assert.matches("not managed by moontide %(no label orchestrator.image%); force", got[5][3])
    assert.matches("belongs to another moontide", got[5][4])
  end)

  it("names the nearest method, and refuses options that it does not know", function()
    local result = host.eval "mt.manager():scael()"
    assert.matches('a manager has no "scael" %(did you mean "scale"%?%)', result.err)
    result = host.eval "mt.manager {stop_timeuot = 1}"
    assert.matches('manager: unknown option "stop_timeuot" %(did you mean "stop_timeout"%?%)', result.err)
    result = host.eval "mt.manager {engine = {}, engine_factory = print}"
    assert.matches('manager: option "engine_factory" stands instead of engine', result.err)
  end)
end)

describe("The manager's helpers", function()
  for _, case in ipairs {
    {"cpu_to_nano_cpus ' 500M '", "500000000"}, {"cpu_to_nano_cpus '0.5'", "500000000"}, {"cpu_to_nano_cpus(1)", "1000000000"},
    {"cpu_to_nano_cpus(0)", "nil"}, {"cpu_to_nano_cpus(-1)", "nil"}, {"cpu_to_nano_cpus(nil)", "nil"},
    {"cpu_to_nano_cpus 'much'", "nil"}, {"normalize_ports {}", "nil"}, {"normalize_ports(nil)", "nil"},
    {"normalize_ports({['80/tcp'] = 0})['80/tcp'] == mt.json.null", "true"},
    {"normalize_ports({['80/tcp'] = 8080})['80/tcp']", "8080"},
    {"ports_ready({}, {})", "false"}, {"ports_ready(nil)", "false"}, {"ports_ready({['80/tcp'] = {{}}})", "true"},
    {"ports_ready({['80/tcp'] = {{}}}, {'80/tcp'})", "true"},
    {"ports_ready({['80/tcp'] = {{}}}, {'80/tcp', '81/tcp'})", "false"},
    {"ports_ready({['80/tcp'] = {}}, {'80/tcp'})", "false"},
  } do
    it(case[1] .. " is " .. case[2], function()
      local result = host.eval("tostring(mt.manager()." .. case[1] .. ")")
      assert.are.equal(case[2] .. "\n", result.out, result.err)
    end)
  end
end)
