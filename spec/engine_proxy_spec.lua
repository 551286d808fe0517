-- The engine behind a proxy for its socket, such as docker-socket-proxy.
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local proxy = require "spec.support.proxy"

local LABEL = "engine_proxy"

after_each(proxy.stop_all)
teardown(function() engine.clean(LABEL) end)

describe("an engine behind a proxy", function()
  it("runs, lists, measures, stops and removes", function()
    local it = proxy.start()
    local got = engine.value(LABEL, [[
      local made = assert(docker.run(web {name = "spec-proxy", ports = {["80/tcp"] = 0}}))
      assert(docker.wait_ports("spec-proxy", {"80/tcp"}, {probe = "tcp"}))
      local listed = docker.list({label = {spec = LABEL}})[1].name
      return {made = made.status, listed = listed, pids = docker.stats("spec-proxy").pids > 0,
        stopped = docker.stop("spec-proxy"), removed = docker.remove("spec-proxy")}
    ]], it.where)
    assert.are.same({made = "running", listed = "spec-proxy", pids = true, stopped = true, removed = true}, got)
  end)

  it("is asked many things at once", function()
    assert.are.equal(60, engine.value(LABEL, [[
      local numbers = {}
      for i = 1, 60 do numbers[i] = i end
      return #mt.map(numbers, function() return assert(docker.list()) and assert(docker.info()).ID end)
    ]], proxy.start().where))
  end)

  it("has its version asked once, by way of the proxy", function()
    local _, ping = engine.api("GET", "/version")
    assert.are.same({ping.ApiVersion, ping.ApiVersion}, engine.value(LABEL, [[
      return {docker.ping().ApiVersion, docker.version().ApiVersion}
    ]], proxy.start().where))
  end)

  it("is asked again on a new connection when the proxy has cut an idle one", function()
    assert.are.same({"[]", "[]", "[]"}, engine.value(LABEL, [[
      local got = {}
      for i = 1, 3 do
        got[i] = mt.json.encode(mt.json.array(assert(docker.list {label = {spec = "none"}})))
        mt.sleep "1.2s"
      end
      return got
    ]], proxy.start({idle = "1s"}).where))
  end)

  it("is followed on when the proxy has cut a stream of events in which nothing happened", function()
    local it = proxy.start({idle = "1s"})
    assert.are.same({"create spec-event-1", "create spec-event-2", "create spec-event-3"}, engine.value(LABEL, ([[
      local direct, seen = assert(docker.connect {host = %q}), {}
      local events = assert(docker.events {filters = {event = "create", label = "spec=" .. LABEL}})
      local maker = mt.spawn(function()
        for i = 1, 3 do
          assert(direct.create(web {name = "spec-event-" .. i}))
          mt.sleep "2500ms"
        end
      end)
      for event in events do
        seen[#seen + 1] = event.action .. " " .. event.name
        if #seen == 3 then break end
      end
      maker:cancel()
      return seen
    ]]):format(os.getenv "DOCKER_HOST"), it.where))
    engine.clean(LABEL)
  end)

  it("has its logs followed on when the proxy has cut them", function()
    assert.are.same({"1", "2", "3"}, engine.value(LABEL, ([[
      local direct = assert(docker.connect {host = %q})
      local command = {"sh", "-c", "for i in 1 2 3; do echo $i; sleep 2.5; done"}
      assert(direct.run(web {name = "spec-proxy-log", command = command}))
      local seen = {}
      for line in assert(docker.logs("spec-proxy-log", {follow = true})) do
        seen[#seen + 1] = line
        if #seen == 3 then break end
      end
      return seen
    ]]):format(os.getenv "DOCKER_HOST"), proxy.start({idle = "1s"}).where))
    engine.clean(LABEL)
  end)

  it("is too slow for the proxy: that is told apart from an engine that failed", function()
    engine.value(LABEL, 'return docker.run(web {name = "spec-proxy-slow", image = "moontide/stubborn"})')
    local err = engine.failure(LABEL, 'return docker.stop("spec-proxy-slow", {timeout = 5})', proxy.start({idle = "1s"}).where)
    assert.are.same({"transport", 504}, {err.kind, err.status})
    engine.reads(err, 'docker.stop: container "spec-proxy-slow": a proxy answers, but the engine behind it is too slow; ',
      "check that the engine runs")
    engine.clean(LABEL)
  end)

  it("is not there: that is the proxy's word", function()
    local it = proxy.start {socket = "/tmp/nosuch.sock"}
    local err = engine.failure(LABEL, "return docker.list()", it.where)
    assert.are.same({"transport", "retry"}, {err.kind, err.next})
    engine.reads(err, "docker.list: the engine, or a proxy before it, is unavailable; check that the engine runs (engine: 503")
    local result = host.run({"-H", it.host, "ps"})
    assert.are.same({3, ""}, {result.code, result.out})
  end)

  it("speaks no TLS", function()
    local it = proxy.start()
    local err = engine.failure(LABEL, "return docker.list()", {env = {DOCKER_HOST = it.host, DOCKER_TLS_VERIFY = "1",
      DOCKER_CERT_PATH = os.getenv("MOONTIDE_ENGINE_DIR") .. "/tls"}})
    engine.reads(err, "docker.list: cannot set up TLS with " .. it.host:gsub("tcp", "https") .. ": ",
      "wrong version number; if it does not speak TLS, use http://; for an engine, leave out DOCKER_TLS_VERIFY")
  end)
end)

describe("a proxy that lets nobody change anything", function()
  local where
  before_each(function() where = proxy.start({read_only = true}).where end)

  it("lets people look", function()
    assert.is_table(engine.value(LABEL, "return assert(docker.list()) and docker.info()", where))
  end)

  for code, subject in pairs {
    ["run(web())"] = "", ["create(web {name = 'spec-proxy-no'})"] = 'container "spec-proxy-no": ',
    ["start 'w'"] = 'container "w": ', ["stop 'w'"] = 'container "w": ', ["kill 'w'"] = 'container "w": ',
    ["pause 'w'"] = 'container "w": ', ["restart 'w'"] = 'container "w": ',
  } do
    it("explains what it refuses: " .. code, function()
      local err = engine.failure(LABEL, "return docker." .. code, where)
      assert.are.same({"denied", 403, "give_up"}, {err.kind, err.status, err.next})
      engine.reads(err, ("docker.%s: %sforbidden; if a proxy such as docker-socket-proxy stands before the engine, allow this "
        .. "call there (engine: 403 Forbidden Request forbidden by administrative rules.)"):format(code:match("^%a+"), subject))
      assert.are.same({}, engine.containers(LABEL))
    end)
  end
end)
