-- Containers through their life, on a real engine. curl looks at what came of it.
local engine = require "spec.support.engine"

local LABEL = "engine_containers"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

local function clean() engine.clean(LABEL) end

describe("a container", function()
  teardown(clean)

  it("goes through its life, and what is so already is true as well", function()
    local got = value [[
      local TRAP = "sh -c 'trap \"exit 7\" TERM; while :; do sleep 0.1; done'"
      local name, states = "spec-life", {}
      local function look(what)
        states[what] = docker.list({all = true, name = name})[1] or "gone"
      end
      local function twice(fn) return {fn(name), (fn(name))} end
      local done = {created = docker.create(web {name = name, command = TRAP})}
      look "created"
      done.started = twice(docker.start)
      look "running"
      done.paused = docker.request("POST", "/containers/spec-life/pause")
      look "paused"
      docker.request("POST", "/containers/spec-life/unpause")
      done.stopped = twice(docker.stop)
      look "exited"
      local before = docker.inspect(name).State.StartedAt
      done.restarted = docker.restart(name, {timeout = 1}) and docker.inspect(name).State.StartedAt > before
      done.killed = twice(docker.kill)
      look "killed"
      done.removed = twice(docker.remove)
      look "removed"
      return {states = states, done = done}
    ]]
    local done, states = got.done, got.states
    for _, what in ipairs {"started", "stopped", "killed", "removed"} do
      assert.are.same({true, true}, done[what], what)
    end
    assert.is_true(done.restarted)
    assert.are.equal(204, done.paused)
    assert.are.equal("gone", states.removed)
    for what, summary in pairs {created = states.created, running = states.running, paused = states.paused,
      exited = states.exited} do
      assert.are.same({done.created, "spec-life", "moontide/web", what},
        {summary.container_id, summary.name, summary.image, summary.status})
      assert.are.equal(LABEL, summary.labels.spec)
      assert.is_true(math.abs(os.time() - summary.created) < 100)
      assert.are.same({}, summary.ports)
      assert.is_nil(summary.health)
    end
    assert.are.same({nil, nil, nil}, {states.created.exit_code, states.running.exit_code, states.paused.exit_code})
    assert.are.equal(7, states.exited.exit_code)
    assert.are.equal(137, states.killed.exit_code)
  end)

  it("is stopped with the time and the signal that are asked for #slow", function()
    local got = value [[
      local made, errs = mt.map({"term", "hup", "deaf"}, function(name)
        return docker.run(web {
          name = "spec-stop-" .. name, image = name == "deaf" and "moontide/stubborn" or nil,
          command = name == "hup" and {"sh", "-c", "trap 'exit 5' HUP; sleep 100 & wait"} or nil,
        })
      end)
      assert(#made == 3, errs[1] or errs[2] or errs[3])
      mt.map({{"term", {}}, {"hup", {signal = "SIGHUP"}}, {"deaf", {timeout = "1s"}}}, function(case)
        assert(docker.kill("spec-stop-" .. case[1], case[1] == "hup" and case[2] or {signal = "SIGWINCH"}))
        assert(docker.stop("spec-stop-" .. case[1], {timeout = case[2].timeout}))
      end)
      local codes = {}
      for _, name in ipairs {"term", "hup", "deaf"} do
        codes[name] = docker.list({all = true, name = "spec-stop-" .. name})[1].exit_code
      end
      return codes
    ]]
    assert.are.same({term = 0, hup = 5, deaf = 137}, got)
  end)

  it("is refused removal while it runs, unless by force", function()
    local err = failure [[
      docker.run(web {name = "spec-remove"})
      return docker.remove "spec-remove"
    ]]
    assert.are.same({"conflict", 409}, {err.kind, err.status})
    engine.reads(err, 'docker.remove: container "spec-remove": it is running; stop it first or remove it with force=true')
    assert.is_true(value 'return docker.remove("spec-remove", {force = true, volumes = true})')
  end)

  it("is gone when any of those who remove it at once returns", function()
    local got = value [[
      docker.run(web {name = "spec-removers", command = "sleep 60"})
      local function remove()
        local removed, err = docker.remove("spec-removers", {force = true})
        return {removed or tostring(err), #docker.list {all = true, name = "spec-removers"}}
      end
      return (mt.all {remove, remove, remove, remove, remove})
    ]]
    for _, outcome in ipairs(got) do assert.are.same({true, 0}, outcome) end
    assert.are.equal(5, #got)
  end)

  it("is inspected as the engine has it", function()
    local got = value [[
      docker.create(web {name = "spec-inspect", env = {A = "1"}})
      return docker.inspect "spec-inspect"
    ]]
    local function same(expected, actual, path)
      if type(expected) ~= "table" then
        if expected == require("cjson").null then expected = nil end
        return assert.are.equal(expected, actual, path)
      end
      for key, item in pairs(expected) do same(item, actual[key], path .. "." .. key) end
    end
    same(engine.inspect("spec-inspect"), got, "")
    assert.are.equal("created", got.State.Status)
  end)

  it("tells its health, and that it restarts #slow", function()
    local got = value [[
      local sick = {name = "spec-sick", image = "moontide/health", command = {"sh", "-c", "true >/tmp/sick; web"}}
      mt.map({web(sick), web {name = "spec-well", image = "moontide/health"},
        web {name = "spec-young", healthcheck = {command = "true", interval = "1h"}},
        web {name = "spec-crash", image = "moontide/crash", env = {CODE = 3}}}, function(spec)
        return assert(docker.run(spec))
      end)
      local function look(name) return docker.list({all = true, name = name})[1] end
      local function wait(name, field, wanted)
        while true do
          local summary = look(name)
          if summary[field] == wanted then return summary end
          mt.sleep(0.05)
        end
      end
      local well = wait("spec-well", "health", "healthy")
      local bad = wait("spec-sick", "health", "unhealthy")
      local again = wait("spec-crash", "status", "restarting")
      return {young = look("spec-young").health, well = well.status, bad = bad.status, again = again.status}
    ]]
    assert.are.same({young = "starting", well = "running", bad = "running", again = "restarting"}, got)
  end)
end)

describe("wait_ports", function()
  setup(function()
    value 'return docker.run(web {name = "spec-ports", ports = {["80/tcp"] = 0, ["53/udp"] = 0}})'
  end)
  teardown(clean)

  it("returns the bindings, once they are there and accept", function()
    local expected = engine.inspect("spec-ports").NetworkSettings.Ports
    for _, options in ipairs {"", ", {'80/tcp'}", ", {'80/tcp', '53/udp'}, {probe = 'tcp'}", ", nil, {probe = 'tcp'}"} do
      assert.are.same(expected, value("return docker.wait_ports('spec-ports'" .. options .. ")"))
    end
  end)

  it("returns what there is when not all of it comes, or with the probe an error", function()
    local got = value "return docker.wait_ports('spec-ports', {'81/tcp'}, {timeout = '1s', interval = 0.01})"
    assert.is_table(got["80/tcp"])
    local err = failure "return docker.wait_ports('spec-ports', {'80/tcp', '81/tcp'}, {timeout = 1, probe = 'tcp'})"
    assert.are.equal("timeout", err.kind)
    engine.reads(err, 'docker.wait_ports: container "spec-ports": within 1 s 81/tcp is not bound (it is running); '
      .. "publish it with ports, and look at the container's logs")
    assert.are.equal("not_found", failure("return docker.wait_ports('nosuch', {'80/tcp'})").kind)
  end)
end)

describe("stats", function()
  teardown(clean)

  it("are those of the container #slow", function()
    local got = value [[
      assert(docker.run(web {name = "spec-burn", image = "moontide/burn", resources = {cpu = 0.5, memory = "16m"}}))
      assert(docker.create(web {name = "spec-idle"}))
      local burn = docker.stats "spec-burn"
      return {burn = burn, idle = docker.stats "spec-idle"}
    ]]
    local burn = got.burn
    -- Half a core is the most that it gets; how little it gets is the machine's business.
    assert.is_true(burn.cpu_percent > 1 and burn.cpu_percent < 80, tostring(burn.cpu_percent))
    assert.are.equal(16 * 2 ^ 20, burn.mem_limit)
    assert.is_true(burn.mem_usage > 0 and burn.mem_usage < burn.mem_limit)
    assert.is_true(math.abs(burn.mem_percent - 100 * burn.mem_usage / burn.mem_limit) < 0.01)
    assert.are.same({"engine", 1}, {burn.source, burn.pids})
    for _, counter in ipairs {"net_rx", "net_tx", "block_read", "block_write"} do
      assert.are.equal("integer", math.type(math.tointeger(burn[counter])), counter)
    end
    assert.is_nil(got.idle.cpu_percent)
  end)
end)
