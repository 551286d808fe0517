-- What a manager's containers are told of: the steps and helpers for scripts, and what a receiver hears.
local host = require "spec.support.host"
local manager = require "spec.support.manager"

local value, heard = manager.value, manager.heard

setup(manager.setup)
teardown(manager.teardown)

describe("The steps #slow", function()
  it("are for scripts, too", function()
    heard()
    local got = value [=[
      local name = image "steps"
      local one, two = m:run_new_container(name, {env = {A = "b"}}), m:run_new_container(name)
      local summary = m:summarize_container(one.container_id)
      local missing, err = m:summarize_container "parity-none"
      local nobody = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local told = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = "http://169.254.169.254/"}})
      local refused, why = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      return {one = one, two = two, summary = summary, missing = {missing == nil, err.kind}, nobody = nobody, told = told,
        refused = {refused == nil, why.kind}, url = m.discovery_callback_url(name), none = m.discovery_callback_url "a" == nil}
    ]=]
    assert.are.same({"created", "created"}, {got.one.action, got.two.action})
    assert.are_not.equal(got.one.container_id, got.two.container_id)
    assert.are.same({got.one.name, "running"}, {got.summary.name, got.summary.status})
    assert.are.same({true, "not_found"}, got.missing)
    assert.are.same({true, true, {true, "denied"}}, {got.nobody, got.told, got.refused})
    assert.are.same({"http://169.254.169.254/", true}, {got.url, got.none})
    local posts = heard()
    assert.are.same({1, got.one.name, "parity/steps:1"}, {#posts, posts[1].name, posts[1].image})
  end)

  it("and the helpers are called with a dot", function()
    local got = value [=[
      local one = m:run_new_container(image "helpers", {ports = {["80/tcp"] = 0}})
      local before = mt.monotonic()
      local ports = m.wait_for_ports(one.name, {["80/tcp"] = 0})
      local quick = mt.monotonic() - before
      before = mt.monotonic()
      local never = m.wait_for_ports(one.name, {"81/tcp"}, {timeout = 0.5})
      local waited = mt.monotonic() - before
      before = mt.monotonic()
      local none = m.wait_for_ports(one.name, {})
      local at_once = mt.monotonic() - before
      return {
        same = ports["80/tcp"][1].HostPort == one.ports["80/tcp"][1].HostPort, quick = quick < 4, waited = waited > 0.3,
        at_once = at_once < 4, never = never["81/tcp"] == nil, none = none["80/tcp"] ~= nil,
        ready = {m.ports_ready(ports, {"80/tcp"}), m.ports_ready(ports, {"80/tcp", "81/tcp"}), m.ports_ready(ports),
          m.ports_ready({}), m.ports_ready(nil)},
        cpu = {m.cpu_to_nano_cpus "0.5", m.cpu_to_nano_cpus " 500M ", m.cpu_to_nano_cpus(1), m.cpu_to_nano_cpus "2.0"},
        no_cpu = {m.cpu_to_nano_cpus(0) == nil, m.cpu_to_nano_cpus(-1) == nil, m.cpu_to_nano_cpus(nil) == nil,
          m.cpu_to_nano_cpus "much" == nil, m.cpu_to_nano_cpus "" == nil,
          m.cpu_to_nano_cpus({}) == nil, m.cpu_to_nano_cpus "0m" == nil},
        normal = {m.normalize_ports {["80/tcp"] = 0}["80/tcp"] == mt.json.null, m.normalize_ports {["80/tcp"] = 8080}["80/tcp"],
          m.normalize_ports {} == nil, m.normalize_ports(nil) == nil},
        types = {math.type(m.cpu_to_nano_cpus "0.5"), math.type(m.cpu_to_nano_cpus(1))},
      }
    ]=]
    assert.are.same({true, true, true, true, true, true}, {got.same, got.quick, got.waited, got.at_once, got.never, got.none})
    assert.are.same({true, false, true, false, false}, got.ready)
    assert.are.same({500000000, 500000000, 1000000000, 2000000000}, got.cpu)
    assert.are.same({true, true, true, true, true, true, true}, got.no_cpu)
    assert.are.same({true, 8080, true, true}, got.normal)
    assert.are.same({"integer", "integer"}, got.types)
  end)
end)

describe("The receiver of an image's DISCOVERY_CALLBACK #slow", function()
  -- "event status" of each post about a container, and their number.
  local function story(posts, name)
    local lines = {}
    for _, post in ipairs(posts) do
      if post.name == name then lines[#lines + 1] = post.event .. " " .. post.status end
    end
    return table.concat(lines, ", ")
  end

  it("hears of every transition, and of nothing else", function()
    heard()
    local got = value [=[
      local name = image "discovery"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}, ports = {["80/tcp"] = 0}})
      local one = m:reconcile(name).current[1]
      m:reconcile(name)
      m:ensure_singleton_for_image(name)
      m:set_container_status(one.name, {status = "running"})
      m:set_container_status(one.name, {status = "stopped"})
      m:set_container_status(one.name, {status = "stopped"})
      local started = m:set_container_status(one.name, {status = "running"})
      m:delete_container(one.name)
      local forced = m:reconcile(name).current[1]
      m:delete_container(forced.name, {force = true})
      local dead = m:reconcile(name).current[1]
      docker.kill(dead.name)
      docker.wait(dead.name)
      m:delete_container(dead.name)
      return {one = one, started = started, forced = forced, dead = dead}
    ]=]
    local posts = heard()
    assert.are.equal("create running, stop stopped, start running, stop stopped", story(posts, got.one.name))
    assert.are.equal("create running, stop stopped", story(posts, got.forced.name))
    assert.are.equal("create running", story(posts, got.dead.name))
    assert.are.equal(7, #posts)
    local create, stop, start, last = posts[1], posts[2], posts[3], posts[4]
    assert.are.same({got.one.container_id, "parity/discovery:1", got.one.ports},
      {create.container_id, create.image, create.ports})
    assert.are.same({got.one.ports, got.started.ports, got.started.ports}, {stop.ports, start.ports, last.ports})
    assert.is_string(create.ports["80/tcp"][1].HostPort)
    assert.are.equal(host.shell("uname -n").out, create.host .. "\n")
    local count = 0
    for _ in pairs(create) do count = count + 1 end
    assert.are.equal(7, count)
  end)

  it("hears that one was made to be stopped, and of each that goes with a scale", function()
    heard()
    local got = value [=[
      local name = image "discovery_scale"
      m:register_desired_state(name, {min_replicas = 2, env = {DISCOVERY_CALLBACK = CALLBACK}, resources = {status = "stopped"}})
      local made = m:reconcile(name)
      m:register_desired_state(name, {min_replicas = 2, env = {DISCOVERY_CALLBACK = CALLBACK}})
      local run = m:reconcile(name)
      m:scale(name, {min_replicas = 0, max_replicas = 0})
      return {made = names(made.current), run = run}
    ]=]
    local posts = heard()
    for _, name in ipairs(got.made) do assert.are.equal("create stopped", story(posts, name)) end
    local running = 0
    for _, one in ipairs(got.run.current) do
      if one.status == "running" then
        running = running + 1
        assert.are.equal("create running, stop stopped", story(posts, one.name))
      end
    end
    assert.are.same({2, 6}, {running, #posts})
  end)

  it("that fails fails no operation, and a warning says so", function()
    local outcome = manager.ask("/raw?HTTP/1.1%20500%20No%0D%0A%0D%0A", [=[
      local name = image "deaf"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local result = m:reconcile(name)
      return {result.ok, result.current[1].name}
    ]=])
    assert.is_true(outcome.value[1])
    assert.matches("nobody heard of the create of " .. outcome.value[2]:gsub("%p", "%%%0") .. ": .*status 500", outcome.stderr)
    assert.is_nil(outcome.stderr:find("HTTP", 1, true))
  end)

  it("that hangs keeps no operation waiting", function()
    local outcome = manager.ask("/silent/7", [=[
      local name = image "hangs"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local one = m:reconcile(name).current[1]
      local before = mt.monotonic()
      m:set_container_status(one.name, {status = "stopped"})
      return mt.monotonic() - before
    ]=])
    assert.is_true(outcome.value < 10, outcome.value)
    assert.matches("within 2 s", outcome.stderr)
  end)
end)
