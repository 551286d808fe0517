-- Podman, which speaks Docker's API in its own way: what differs is not seen by who asks moontide.
local engine = require "spec.support.engine"
local podman = require "spec.support.podman"

local LABEL = "engine_podman"
local it_runs

local function value(code) return engine.value(LABEL, code, it_runs.where) end

local function failure(code) return engine.failure(LABEL, code, it_runs.where) end

setup(function() it_runs = podman.start("web", "stubborn", "log") end)
teardown(function() if it_runs then it_runs:stop() end end)

describe("a container of Podman", function()
  it("goes through its life, and what is so already is true as well", function()
    local got = value [[
      local name, states = "spec-life", {}
      local function look(what) states[what] = docker.list({all = true, name = name})[1] end
      local function twice(fn) return {fn(name), (fn(name))} end
      local done = {created = docker.create(web {name = name})}
      look "created"
      done.started = twice(docker.start)
      look "running"
      done.paused = twice(docker.pause)
      look "paused"
      done.unpaused = twice(docker.unpause)
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
    for _, what in ipairs {"started", "paused", "unpaused", "stopped", "killed", "removed"} do
      assert.are.same({true, true}, done[what], what)
    end
    assert.is_true(done.restarted)
    assert.is_nil(states.removed)
    for _, what in ipairs {"created", "running", "paused", "exited"} do
      local summary = states[what]
      assert.are.same({done.created, "spec-life", what, LABEL, {}},
        {summary.container_id, summary.name, summary.status, summary.labels.spec, summary.ports}, what)
      assert.is_true(math.abs(os.time() - summary.created) < 100)
    end
    assert.are.same({0, 137}, {states.exited.exit_code, states.killed.exit_code})
  end)

  it("is given the time that a stop has, though Podman takes none for a kill at once", function()
    local got = value [[
      local function stopped(options)
        assert(docker.run(web {name = "spec-deaf", image = "moontide/stubborn"}))
        local begin = mt.monotonic()
        assert(docker.stop("spec-deaf", options))
        local took = mt.monotonic() - begin
        assert(docker.remove "spec-deaf")
        return took
      end
      return {one = stopped {timeout = 1}, none = stopped {timeout = 0},
        polite = (function()
          local command = {"sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"}
          assert(docker.run(web {name = "spec-polite", command = command}))
          assert(docker.stop "spec-polite")
          local code = docker.inspect("spec-polite").State.ExitCode
          return docker.remove "spec-polite" and code
        end)()}
    ]]
    assert.is_true(got.one >= 1 and got.one < 8, got.one)
    assert.is_true(got.none < 1, got.none)
    assert.are.equal(7, got.polite)
  end)

  it("publishes ports, which answer", function()
    local got = value [[
      assert(docker.run(web {name = "spec-ports", ports = {["80/tcp"] = 0}}))
      local ports = assert(docker.wait_ports("spec-ports", {"80/tcp"}))
      return {listed = docker.list({name = "spec-ports"})[1].ports, waited = ports}
    ]]
    local port = got.waited["80/tcp"][1].HostPort
    assert.matches("^%d+$", port)
    assert.are.equal(port, got.listed["80/tcp"][1].HostPort)
    local answer = it_runs:shell(("until curl -fsS http://127.0.0.1:%s/; do sleep 0.1; done"):format(port))
    assert.matches("^%x+\n$", answer.out)
    assert.is_true(value [[return docker.remove("spec-ports", {force = true})]])
  end)

  it("is measured while it runs", function()
    local got = value [[
      assert(docker.run(web {name = "spec-stats", command = {"sh", "-c", "while :; do :; done"},
        resources = {memory = "64m", cpu = 0.5}}))
      mt.sleep "300ms"
      local running = assert(docker.stats "spec-stats")
      assert(docker.kill "spec-stats")
      local stopped = assert(docker.stats "spec-stats")
      return {running = running, stopped = stopped, removed = docker.remove "spec-stats"}
    ]]
    local running = got.running
    assert.are.equal(64 << 20, running.mem_limit)
    assert.is_true(running.cpu_percent > 30 and running.cpu_percent < 60, running.cpu_percent)
    assert.is_true(running.mem_usage > 0 and running.mem_usage < 64 << 20)
    assert.is_true(running.pids >= 1)
    assert.is_number(running.net_rx)
    assert.are.same({source = "engine"}, got.stopped)
  end)

  it("is measured until it is removed", function()
    assert.is_true(value [[
      assert(docker.run(web {name = "spec-stats-gone"}))
      for _ in assert(docker.stats("spec-stats-gone", {stream = true})) do
        assert(docker.remove("spec-stats-gone", {force = true}))
      end
      return true
    ]])
  end)

  it("is healthy once its check says so", function()
    local name = "spec-health"
    assert.are.equal("starting", value [[
      return assert(docker.run(web {name = "spec-health",
        healthcheck = {test = {"CMD-SHELL", "! test -e /tmp/sick && touch /tmp/sick"}, interval = "30s", retries = 1}})).health
    ]])
    local function check(status) -- without systemd nobody but us runs it
      engine.api("GET", ("/v4.0.0/libpod/containers/%s/healthcheck"):format(name), nil, it_runs.host)
      assert.are.equal(status, value 'return docker.inspect("spec-health").State.Health.Status')
    end
    check "healthy"
    check "unhealthy"
    assert.is_true(value [[return docker.remove("spec-health", {force = true})]])
  end)

  it("is found by label, status and name", function()
    assert.are.same({1, 1, 0, 1, 0}, value [[
      assert(docker.run(web {name = "spec-found", labels = {tier = "front"}}))
      local counts = {}
      for i, given in ipairs {
        {label = {tier = "front"}}, {label = {tier = true, spec = LABEL}}, {label = {tier = "back"}},
        {all = true, status = {"running", "exited"}, name = "spec-found"}, {all = true, name = "spec-foun"},
      } do counts[i] = #docker.list(given) end
      assert(docker.remove("spec-found", {force = true}))
      return counts
    ]])
  end)
end)

describe("on Podman", function()
  it("a container gets another name, files, and no other limits", function()
    local got = value [[
      assert(docker.run(web {name = "spec-one"}))
      local done = {renamed = docker.rename("spec-one", "spec-two")}
      local file = assert(docker.copy_from("spec-two", "/etc/passwd"))
      done.copied = docker.copy_to("spec-two", "/tmp", file)
      done.same = docker.copy_from("spec-two", "/tmp/passwd") == file
      local _, err = docker.update("spec-two", {memory = "64m"})
      done.update = {err.kind, tostring(err)}
      return docker.remove("spec-two", {force = true}) and done
    ]]
    assert.are.same({true, true, true}, {got.renamed, got.copied, got.same})
    assert.are.equal("engine", got.update[1])
    assert.matches('^docker%.update: container "spec%-two": this engine ', got.update[2])
  end)

  it("networks are made, joined, left and removed, twice as well as once", function()
    local got = value [[
      local name = "spec-net"
      local id = assert(docker.network_create {name = name, labels = {spec = LABEL}, subnet = "10.99.0.0/24"})
      assert(docker.run(web {name = "spec-in-net"}))
      local done = {made = docker.network(name).Name, listed = #docker.networks {label = {spec = LABEL}},
        joined = docker.network_connect(name, "spec-in-net", {aliases = {"other"}})}
      local inside = docker.inspect("spec-in-net").NetworkSettings.Networks[name]
      done.address = inside.IPAddress
      done.left = {docker.network_disconnect(name, "spec-in-net"), (docker.network_disconnect(name, "spec-in-net"))}
      assert(docker.remove("spec-in-net", {force = true}))
      done.removed = {docker.network_remove(name), (docker.network_remove(name))}
      local _, err = docker.network(name)
      done.gone = err.kind
      return done
    ]]
    assert.matches("^10%.99%.0%.%d+$", got.address)
    got.address = nil
    assert.are.same({made = "spec-net", listed = 1, joined = true, left = {true, true}, removed = {true, true},
      gone = "not_found"}, got)
  end)

  it("volumes are made, filled and removed, twice as well as once", function()
    assert.are.same({made = "spec-vol", again = "spec-vol", listed = 1, kept = true, removed = {true, true},
      gone = "not_found"}, value [[
      local name, done = "spec-vol", {}
      done.made = assert(docker.volume_create {name = name, labels = {spec = LABEL}}).Name
      done.again = assert(docker.volume_create {name = name, labels = {spec = LABEL}}).Name
      done.listed = #docker.volumes {label = {spec = LABEL}}
      local volumes = {name .. ":/data"}
      local command = {"sh", "-c", "echo kept >/data/file; exec web"}
      assert(docker.run(web {name = "spec-writes", volumes = volumes, command = command}))
      repeat local file = docker.copy_from("spec-writes", "/data/file") or "" until file:find("kept", 1, true)
      assert(docker.remove("spec-writes", {force = true}))
      assert(docker.run(web {name = "spec-reads", volumes = volumes}))
      done.kept = docker.copy_from("spec-reads", "/data/file"):find("kept", 1, true) ~= nil
      assert(docker.remove("spec-reads", {force = true}))
      done.removed = {docker.volume_remove(name), (docker.volume_remove(name))}
      local _, err = docker.volume(name)
      done.gone = err.kind
      return done
    ]])
  end)

  it("images are found, named and removed, twice as well as once", function()
    assert.are.same({found = true, listed = true, tagged = true, named = 2, removed = {true, true}, gone = "not_found"}, value [[
      local done = {found = docker.image("moontide/web").Os == "linux", tagged = docker.tag("moontide/web", "spec/web:2")}
      done.listed = #docker.images() >= 3
      done.named = #docker.image("moontide/web").RepoTags
      done.removed = {docker.remove_image "spec/web:2", (docker.remove_image "spec/web:2")}
      local _, err = docker.image "spec/web:2"
      done.gone = err.kind
      return done
    ]])
  end)

  it("what nobody uses is pruned", function()
    assert.are.same({1, 1, 1, 0}, value [[
      assert(docker.create(web {name = "spec-unused", labels = {tier = "unused"}}))
      local id = docker.inspect("spec-unused").Id
      assert(docker.network_create {name = "spec-unused", labels = {tier = "unused"}})
      assert(docker.volume_create {name = "spec-unused", labels = {tier = "unused"}})
      local counts = {}
      for i, what in ipairs {"containers", "networks", "volumes"} do
        local all = what == "volumes" or nil
        counts[i] = #assert(docker.prune(what, {label = {tier = "unused"}, all = all})).deleted
      end
      counts[4] = #docker.list {all = true, name = "spec-unused"}
      return counts
    ]])
  end)
end)

describe("on Podman", function()
  it("lines are read and followed, from both outputs, and each once", function()
    local got = value [[
      assert(docker.run(web {name = "spec-log", image = "moontide/log", env = {EVERY = "0.05"}}))
      local followed, sources = {}, {}
      for line, source in assert(docker.logs("spec-log", {follow = true})) do
        followed[#followed + 1], sources[source] = line, true
        if #followed == 30 then break end
      end
      assert(docker.kill "spec-log")
      local tail = {}
      for line in assert(docker.logs("spec-log", {tail = 4, stderr = false})) do tail[#tail + 1] = line:match("^%a+") end
      local function count(options)
        local n = 0
        for _ in assert(docker.logs("spec-log", options)) do n = n + 1 end
        return n
      end
      return {followed = followed, sources = sources, tail = tail, all = count(), ended = count {follow = true},
        removed = docker.remove "spec-log"}
    ]]
    assert.are.same({stdout = true, stderr = true}, got.sources)
    local counts = {out = 0, err = 0}
    for _, line in ipairs(got.followed) do
      local stream, number = line:match("^(%a+) (%d+)$")
      counts[stream] = counts[stream] + 1
      assert.are.equal(counts[stream], tonumber(number))
    end
    assert.are.equal(30, counts.out + counts.err)
    for _, word in ipairs(got.tail) do assert.are.equal("out", word) end
    assert.is_true(got.all >= 30)
    assert.are.equal(got.all, got.ended)
  end)

  it("commands run in a container, with their input, outputs and exit code", function()
    assert.are.same({
      plain = {exit_code = 5, stdout = "out\n", stderr = "err\n"},
      given = {exit_code = 0, stdout = "hello\n/tmp\nb\n", stderr = ""},
      big = 3000000, late = "timeout", stopped = "conflict",
    }, value [[
      assert(docker.run(web {name = "spec-exec"}))
      local got = {
        plain = docker.exec("spec-exec", {"sh", "-c", "echo out; echo err >&2; exit 5"}),
        given = docker.exec("spec-exec", "cat; pwd; echo $A", {stdin = "hello\n", env = {A = "b"}, workdir = "/tmp"}),
        big = #docker.exec("spec-exec", "head -c 3000000 /dev/zero").stdout,
      }
      local _, late = docker.exec("spec-exec", {"sleep", "5"}, {timeout = "300ms"})
      assert(docker.kill "spec-exec")
      local _, stopped = docker.exec("spec-exec", {"true"})
      got.late, got.stopped = late.kind, stopped.kind
      return docker.remove "spec-exec" and got
    ]])
  end)
end)

describe("what happens on Podman", function()
  it("is told in Docker's words", function()
    assert.are.same({"create", "start", "die 0", "start", "die 137", "destroy"}, value [[
      local wanted, seen = {create = true, start = true, die = true, destroy = true}, {}
      local events <close> = assert(docker.events {filters = {type = "container"}})
      local reader = mt.spawn(function()
        for event in events do
          if event.name == "spec-told" and wanted[event.action] then
            seen[#seen + 1] = event.action .. (event.exit_code and " " .. event.exit_code or "")
          end
          if event.name == "spec-told" and event.action == "destroy" then break end
        end
      end)
      assert(docker.run(web {name = "spec-told"}))
      assert(docker.stop "spec-told")
      assert(docker.start "spec-told")
      assert(docker.kill "spec-told")
      assert(docker.remove "spec-told")
      mt.timeout(20, function() reader:join() end)
      return seen
    ]])
  end)

  it("is waited for", function()
    local got = value [[
      assert(docker.create(web {name = "spec-wait", command = {"sh", "-c", "exit 3"}, restart = "no"}))
      local code = assert(docker.wait("spec-wait", {start = true, condition = "next-exit", timeout = 20}))
      local again = assert(docker.wait "spec-wait")
      local _, err = docker.wait "nosuch"
      return {code, again, err.kind, docker.remove("spec-wait", {force = true})}
    ]]
    assert.are.same({3, 3, "not_found", true}, got)
  end)

  it("is why a pull fails, though Podman says 200 first", function()
    local err = failure [[
      local pulling, err = docker.pull "127.0.0.1:5000/nosuch:1"
      if not pulling then return nil, err end
      return pulling:wait()
    ]]
    engine.reads(err, 'docker.pull: image "127.0.0.1:5000/nosuch:1": the engine does not reach the registry; ',
      "connection refused")
  end)
end)

describe("Podman refuses", function()
  setup(function()
    value [[
      assert(docker.create(web {name = "spec-there"}))
      return docker.run(web {name = "spec-runs", ports = {["80/tcp"] = "127.0.0.1:8099"}})
    ]]
  end)

  for _, case in ipairs {
    {"a name that is taken", 'docker.run(web {name = "spec-there"})', "conflict",
      'docker.run: container "spec-there": the name is already in use by container ', "; remove or rename that one"},
    {"an image that it does not have", 'docker.run(web {image = "moontide/nosuch:1", pull = "never"})', "not_found",
      'docker.run: image "docker.io/moontide/nosuch:1" is not on the engine; pull it first'},
    {"a network that it does not have", 'docker.run(web {networks = {"spec-nosuch"}})', "not_found",
      "docker.run: its network spec-nosuch does not exist; create that network or change networks="},
    {"a program that is not in the image", 'docker.run(web {command = {"nosuch"}})', "invalid", "docker.run: container ",
      "the image has no such program; change command= or entrypoint="},
    {"a port that is taken", 'docker.run(web {ports = {["80/tcp"] = "127.0.0.1:8099"}})', "conflict",
      "docker.run: container ", "is already taken on the engine's host; choose another port"},
    {"a signal that is none", 'docker.kill("spec-runs", {signal = "SIGNOPE"})', "invalid",
      'docker.kill: container "spec-runs": SIGNOPE is no signal; write one such as "SIGTERM" or 15'},
    {"to pause what does not run", 'docker.pause "spec-there"', "conflict",
      'docker.pause: container "spec-there": it is not running; start it first'},
    {"to remove what runs", 'docker.remove "spec-runs"', "conflict",
      'docker.remove: container "spec-runs": it is running; stop it first or remove it with force=true'},
  } do
    it(case[1], function()
      local err = failure("return " .. case[2])
      assert.are.equal(case[3], err.kind)
      engine.reads(err, table.unpack(case, 4))
      assert.are.equal(2, value "return #docker.list {all = true}")
    end)
  end

  for _, name in ipairs {"start", "stop", "restart", "kill", "inspect", "stats", "pause", "unpause"} do
    it("to " .. name .. " what is not there", function()
      local err = failure(("return docker.%s 'nosuch'"):format(name))
      assert.are.equal("not_found", err.kind)
      engine.reads(err, ('docker.%s: container "nosuch": there is no such container (any more); list shows'):format(name))
    end)
  end
end)
