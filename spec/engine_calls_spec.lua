-- The calls of mt.docker, on a real engine. curl looks at what came of them.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_calls"

local function ask(code)
  local outcome = engine.ask(LABEL, code)
  assert.is_nil(outcome.raised)
  assert.are.same({"ran on", 0, ""}, {outcome.other, outcome.code, outcome.stderr})
  return outcome
end

-- What a script's function returned, without an error.
local function value(code)
  local outcome = ask(code)
  assert.is_nil(outcome.err and outcome.err.text)
  return outcome.value
end

local function inspect(name)
  local status, container = engine.api("GET", "/containers/" .. name .. "/json")
  assert.are.equal(200, status)
  return container
end

local function names(list)
  local result = {}
  for i, summary in ipairs(list) do result[i] = summary.name end
  return result
end

local function clean() engine.clean(LABEL) end

describe("the engine", function()
  it("answers ping, version and info with its own tables", function()
    local got = value "return {ping = docker.ping(), version = docker.version(), info = docker.info()}"
    local _, version = engine.api("GET", "/version")
    local _, info = engine.api("GET", "/info")
    assert.are.equal(version.ApiVersion, got.ping.ApiVersion)
    assert.are.equal(info.OSType, got.ping.OSType)
    assert.are.equal(version.Version, got.version.Version)
    assert.are.equal(version.GitCommit, got.version.GitCommit)
    assert.are.same({info.ID, info.NCPU, info.MemTotal}, {got.info.ID, got.info.NCPU, got.info.MemTotal})
  end)

  it("answers any request: status and table, or text", function()
    local got = value [[
      local docker = docker
      local function ask(...) return {docker.request(...)} end
      local id = docker.create(web {name = "spec-request"})
      return {
        missing = ask("GET", "/containers/nosuch/json"),
        found = ask("GET", "/containers/json", {query = {all = true, filters = {name = {"spec-request"}}}}),
        text = ask("GET", "/_ping", {headers = {["X-Any"] = "thing"}}),
        renamed = ask("POST", "/containers/" .. id .. "/rename", {query = {name = "spec-renamed"}}),
        made = ask("POST", "/containers/create", {query = {name = "spec-raw"},
          body = {Image = "moontide/web", Labels = {spec = LABEL}}}),
        version = ask("GET", "/v1.30/version")[1],
      }
    ]]
    finally(clean)
    assert.are.equal(404, got.missing[1])
    assert.are.equal("No such container: nosuch", got.missing[2].message)
    assert.are.same({200, 1, "/spec-request"}, {got.found[1], #got.found[2], got.found[2][1].Names[1]})
    assert.are.same({200, "OK"}, got.text)
    assert.are.equal(204, got.renamed[1])
    assert.are.same({201, 200}, {got.made[1], got.version})
    assert.are.same({"spec-raw", "spec-renamed"}, engine.containers(LABEL))
  end)

  it("takes what is wrong with a request's arguments for a mistake", function()
    for code, message in pairs {
      ['docker.request("get", "/info")'] = 'docker.request: method must be like "GET", got "get"',
      ['docker.request("GET", "info")'] = 'docker.request: path must be like "/containers/json", got "info"',
      ['docker.request("GET", "/a b")'] = 'docker.request: path must be like "/containers/json", got "/a b"',
      ['docker.request("GET", "/a?x=1", {query = {y = 1}})'] = 'path "/a?x=1" has a query already; give it in query=',
      ['docker.request("GET", "/info", {headers = {["A B"] = 1}})'] = "A B is not a header's name",
      ['docker.request("GET", "/info", {header = {}})'] = 'unknown option "header" (did you mean "headers"?)',
      ['docker.stop("web", {timeuot = 1})'] = 'docker.stop: unknown option "timeuot" (did you mean "timeout"?)',
      ['docker.stop("web", {timeout = "soon"})'] = 'docker.stop: option "timeout" must be a duration',
      ['docker.start("../web")'] = 'docker.start: argument "id" must be a name or id',
      ['docker.start()'] = 'docker.start: argument "id" must be a string, got nil',
      ['docker.start({container_id = "x"})'] = "got a table; pass its container_id",
      ['docker.list {status = "runing"}'] = 'unknown status "runing" (did you mean "running"?)',
      ['docker.list {limit = 0}'] = 'docker.list: option "limit" must be at least 1, got 0',
      ['docker.list {label = {"a"}}'] = 'docker.list: option "label" must be {name = "value"}',
      ['docker.wait_ports("web", "80/tcp")'] = 'argument "keys" must be a list such as {"80/tcp"}',
      ['docker.wait_ports("web", {"80"})'] = 'argument "keys": 80 is no port; write "80/tcp"',
      ['docker.wait_ports("web", {}, {probe = "udp"})'] = 'option "probe" must be "bound" or "tcp", got "udp"',
      ['docker.run {}'] = 'docker.run: option "image" is missing',
      ['docker.connect {hots = "x"}'] = 'unknown option "hots" (did you mean "host"?)',
    } do
      local outcome = engine.ask(LABEL, "return " .. code)
      assert.is_string(outcome.raised, code)
      assert.is_truthy(outcome.raised:find(message, 1, true), outcome.raised)
      assert.is_truthy(outcome.raised:find("^/.-%.lua:%d+: "), outcome.raised)
    end
  end)
end)

describe("list", function()
  setup(function()
    clean()
    value [[
      local function make(name, labels) return assert(docker.create(web {name = name, labels = labels})) end
      make("spec-web", {tier = "front", zone = "a"})
      make("spec-web-1", {tier = "front", zone = "b"})
      make("spec-webx", {tier = "back"})
      make("spec.web", {tier = "a=b, \"c\" ü"})
      return docker.start "spec-web-1"
    ]]
  end)
  teardown(clean)

  local ALL = {"spec.web", "spec-webx", "spec-web-1", "spec-web"}
  local cases = {
    {"all of a label, newest first", "{all = true, label = {spec = LABEL}}", ALL},
    {"only what runs, else", "{label = {spec = LABEL}}", {"spec-web-1"}},
    {"a label of any value", "{all = true, label = {tier = true}}", ALL},
    {"several labels, of which all must be there", "{all = true, label = {tier = 'front', zone = true}}",
      {"spec-web-1", "spec-web"}},
    {"several values, of which all must fit", "{all = true, label = {tier = 'front', zone = 'a'}}", {"spec-web"}},
    {"a label whose value needs quotes", [[{all = true, label = {tier = "a=b, \"c\" ü"}}]], {"spec.web"}},
    {"no part of a label's value", "{all = true, label = {tier = 'fron'}}", {}},
    {"exactly a name that others begin with", "{all = true, name = 'spec-web'}", {"spec-web"}},
    {"a name with a dot, which is no pattern", "{all = true, name = 'spec.web'}", {"spec.web"}},
    {"no part of a name", "{all = true, name = 'pec-web'}", {}},
    {"a status", "{status = 'created', label = {spec = LABEL}}", {"spec.web", "spec-webx", "spec-web"}},
    {"several statuses", "{status = {'created', 'running'}, label = {spec = LABEL}}", ALL},
    {"the newest", "{limit = 2, label = {spec = LABEL}}", {"spec.web", "spec-webx"}},
    {"name and status, which both must fit", "{name = 'spec-web', status = 'running'}", {}},
  }
  for _, case in ipairs(cases) do
    it("finds " .. case[1], function()
      assert.are.same(case[3], names(value("return docker.list " .. case[2])))
    end)
  end

  it("is a list in JSON, also when it is empty", function()
    local result = host.eval 'print(mt.json.encode(mt.docker.list {label = {nosuch = true}}))'
    assert.are.same({0, "[]\n", ""}, {result.code, result.out, result.err})
  end)
end)

describe("a container", function()
  teardown(clean)

  it("goes through its life, and what is so already is true as well", function()
    local got = value [[
      local name, states = "spec-life", {}
      local function look(what)
        states[what] = docker.list({all = true, name = name})[1] or "gone"
      end
      local function twice(fn) return {fn(name), (fn(name))} end
      local done = {created = docker.create(web {name = name, command = "sh -c 'trap \"exit 7\" TERM; while :; do sleep 0.1; done'"})}
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

  it("is stopped with the time and the signal that are asked for", function()
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
    local got = ask [[
      docker.run(web {name = "spec-remove"})
      return docker.remove "spec-remove"
    ]]
    assert.are.same({"conflict", 409}, {got.err.kind, got.err.status})
    engine.reads(got.err, 'docker.remove: container "spec-remove": it is running; stop it first or remove it with force=true')
    assert.is_true(value 'return docker.remove("spec-remove", {force = true, volumes = true})')
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
    same(inspect("spec-inspect"), got, "")
    assert.are.equal("created", got.State.Status)
  end)

  it("tells its health, and that it restarts", function()
    local got = value [[
      local sick = {name = "spec-sick", image = "moontide/health", command = {"sh", "-c", "true >/tmp/sick; web"}}
      mt.map({web(sick), web {name = "spec-well", image = "moontide/health"},
        web {name = "spec-crash", image = "moontide/crash", env = {CODE = 3}}}, function(spec)
        return assert(docker.run(spec))
      end)
      local seen = {}
      local function wait(name, field, wanted)
        while true do
          local summary = docker.list({all = true, name = name})[1]
          seen[name .. " " .. tostring(summary[field])] = true
          if summary[field] == wanted then return summary end
          mt.sleep(0.05)
        end
      end
      local well = wait("spec-well", "health", "healthy")
      local bad = wait("spec-sick", "health", "unhealthy")
      local again = wait("spec-crash", "status", "restarting")
      return {seen = seen, well = well, bad = bad, again = again, run = docker.inspect("spec-crash").RestartCount}
    ]]
    assert.is_true(got.seen["spec-sick starting"] or got.seen["spec-well starting"])
    assert.are.same({"running", "running"}, {got.well.status, got.bad.status})
    assert.are.equal("restarting", got.again.status)
  end)
end)

describe("run", function()
  teardown(clean)

  it("gives the container all that is asked for", function()
    local got = value [[
      local summary = docker.run(web {
        name = "spec-all", command = "sh -c 'echo $GREETING; web'", env = {GREETING = "hello, world", N = 3, YES = true},
        labels = {colour = "blue"}, ports = {["80/tcp"] = 0, ["81/tcp"] = mt.json.null, ["82/udp"] = 0},
        resources = {cpu = "500m", memory = "32m", pids = 50}, user = 0, workdir = "/tmp", init = true,
        stop_signal = "SIGINT", stop_timeout = 3, extra_hosts = {db = "10.1.2.3"}, host_config = {ReadonlyRootfs = false},
      })
      local status, log
      repeat
        status, log = docker.request("GET", "/containers/spec-all/logs", {query = {stdout = true}})
      until #log > 8
      return {summary = summary, log = log, status = status}
    ]]
    local summary, container = got.summary, inspect("spec-all")
    assert.are.same({"spec-all", "running", "moontide/web"}, {summary.name, summary.status, summary.image})
    assert.are.same({container.Id, "blue", LABEL}, {summary.container_id, summary.labels.colour, summary.labels.spec})
    for _, key in ipairs {"80/tcp", "81/tcp", "82/udp"} do
      assert.are.same(container.NetworkSettings.Ports[key], summary.ports[key])
      assert.is_true(tonumber(summary.ports[key][1].HostPort) > 1023)
    end
    local limits, config = container.HostConfig, container.Config
    assert.are.same({500000000, 32 * 2 ^ 20, 50}, {limits.NanoCpus, limits.Memory, limits.PidsLimit})
    assert.are.same({"unless-stopped", true}, {limits.RestartPolicy.Name, limits.Init})
    assert.are.same({"db:10.1.2.3"}, limits.ExtraHosts)
    assert.are.same({"0", "/tmp", "SIGINT", 3}, {config.User, config.WorkingDir, config.StopSignal, config.StopTimeout})
    assert.are.same({"sh", "-c", "echo $GREETING; web"}, config.Cmd)
    local env = "\n" .. table.concat(config.Env, "\n") .. "\n"
    for _, line in ipairs {"GREETING=hello, world", "N=3", "YES=true"} do
      assert.is_truthy(env:find("\n" .. line .. "\n", 1, true), line)
    end
    assert.are.equal("hello, world\n", got.log:sub(9))
  end)

  it("binds the very port that is asked for, or one of a range", function()
    local got = value [[
      local free = docker.run(web {name = "spec-free", ports = {["80/tcp"] = 0}})
      local number = math.tointeger(free.ports["80/tcp"][1].HostPort)
      docker.remove("spec-free", {force = true})
      local fixed = assert(docker.run(web {name = "spec-fixed", ports = {["80/tcp"] = number}}))
      local range = ("%d-%d"):format(number, number + 5)
      local ranged = assert(docker.run(web {name = "spec-range", ports = {["80/tcp"] = range}}))
      return {number = number, fixed = fixed.ports["80/tcp"], range = ranged.ports["80/tcp"]}
    ]]
    assert.are.equal(got.number, tonumber(got.fixed[1].HostPort))
    assert.are.equal("0.0.0.0", got.range[1].HostIp)
    local offset = tonumber(got.range[1].HostPort) - got.number
    assert.is_true(offset >= 1 and offset <= 5, offset)
  end)

  it("leaves it created when that is asked for", function()
    local got = value 'return docker.run(web {name = "spec-still", resources = {status = "stopped"}})'
    assert.are.same({"created", "created"}, {got.status, inspect("spec-still").State.Status})
  end)

  it("takes a name from the engine when it is given none", function()
    local got = value "return docker.run(web())"
    assert.are.equal("/" .. got.name, inspect(got.container_id).Name)
  end)

  it("runs several at once", function()
    local got, seen = value [[
      local made, errs = mt.map({1, 2, 3, 4}, function(i)
        return docker.run(web {name = "spec-many-" .. i, ports = {["80/tcp"] = 0}})
      end)
      assert(#made == 4, errs[1] or errs[2] or errs[3] or errs[4])
      local answers = mt.map(made, function(summary)
        docker.wait_ports(summary.container_id, {"80/tcp"}, {probe = "tcp"})
        local url = "http://127.0.0.1:" .. summary.ports["80/tcp"][1].HostPort
        repeat
          local reply = mt.http.get(url)
          if not reply then mt.sleep(0.02) end
        until reply and reply.status == 200
        return mt.http.get(url).body
      end)
      mt.map(made, function(summary) return docker.remove(summary.container_id, {force = true}) end)
      return {made = made, answers = answers, left = docker.list {all = true, name = "spec-many-1"}}
    ]], {}
    for i, summary in ipairs(got.made) do
      assert.are.equal("spec-many-" .. i, summary.name)
      assert.are.equal(summary.container_id:sub(1, 12) .. "\n", got.answers[i])
      local port = summary.ports["80/tcp"][1].HostPort
      assert.is_nil(seen[port])
      seen[port] = true
    end
    assert.are.same({}, got.left)
  end)

  it("joins every network of the list", function()
    finally(function()
      clean()
      engine.api("DELETE", "/networks/spec-net")
    end)
    assert.are.equal(201, (engine.api("POST", "/networks/create", {Name = "spec-net", CheckDuplicate = true})))
    value 'return docker.run(web {name = "spec-joined", networks = {"bridge", "spec-net"}})'
    local networks = inspect("spec-joined").NetworkSettings.Networks
    assert.is_table(networks.bridge)
    assert.is_table(networks["spec-net"])
  end)
end)

describe("wait_ports", function()
  setup(function()
    value 'return docker.run(web {name = "spec-ports", ports = {["80/tcp"] = 0, ["53/udp"] = 0}})'
  end)
  teardown(clean)

  it("returns the bindings, once they are there and accept", function()
    local expected = inspect("spec-ports").NetworkSettings.Ports
    for _, options in ipairs {"", ", {'80/tcp'}", ", {'80/tcp', '53/udp'}, {probe = 'tcp'}", ", nil, {probe = 'tcp'}"} do
      assert.are.same(expected, value("return docker.wait_ports('spec-ports'" .. options .. ")"))
    end
  end)

  it("returns what there is when not all of it comes, or with the probe an error", function()
    local got = ask "return docker.wait_ports('spec-ports', {'81/tcp'}, {timeout = '50ms', interval = 0.01})"
    assert.is_table(got.value["80/tcp"])
    got = ask "return docker.wait_ports('spec-ports', {'80/tcp', '81/tcp'}, {timeout = 0.05, probe = 'tcp'})"
    assert.are.equal("timeout", got.err.kind)
    engine.reads(got.err, 'docker.wait_ports: container "spec-ports": within 0.05 s 81/tcp is not bound (it is running); '
      .. "publish it with ports, and look at the container's logs")
    got = ask "return docker.wait_ports('nosuch', {'80/tcp'})"
    assert.are.equal("not_found", got.err.kind)
  end)
end)

describe("stats", function()
  teardown(clean)

  it("are those of the container", function()
    local got = value [[
      assert(docker.run(web {name = "spec-burn", image = "moontide/burn", resources = {cpu = 0.5, memory = "16m"}}))
      assert(docker.create(web {name = "spec-idle"}))
      local burn = docker.stats "spec-burn"
      return {burn = burn, idle = docker.stats "spec-idle"}
    ]]
    local burn = got.burn
    assert.is_true(burn.cpu_percent > 20 and burn.cpu_percent < 80, burn.cpu_percent)
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

describe("what is left of a run that is not carried through", function()
  before_each(clean)
  teardown(clean)

  -- Cancels a run as soon as `when` says so; the script ends when the clean-up is done.
  local function cancelled(when)
    local got = value(([[
      local running = mt.spawn(function()
        return docker.run(web {name = "spec-cut", ports = {["80/tcp"] = 0}})
      end)
      local function seen(status)
        local found = docker.list({all = true, name = "spec-cut"})[1]
        return found and (found.status == status or status == nil)
      end
      %s
      running:cancel()
      return running:status()
    ]]):format(when))
    assert.are.equal("cancelled", got)
    assert.are.same({}, engine.containers(LABEL))
  end

  it("is nothing when it is cancelled before the engine has created", function() cancelled "mt.sleep(0)" end)
  it("is nothing when it is cancelled while the engine creates", function() cancelled "mt.sleep(0.02)" end)
  it("is nothing when it is cancelled once it is created", function() cancelled "repeat until seen()" end)
  it("is nothing when it is cancelled while it starts", function()
    cancelled [[repeat until seen("created"); mt.sleep(0.03)]]
  end)

  it("is nothing when its time is over", function()
    for _, seconds in ipairs {0.001, 0.05, 0.1} do
      local got = ask(("return mt.timeout(%g, docker.run, web {name = 'spec-late'})"):format(seconds))
      assert.are.equal("timeout", got.err.kind)
      assert.are.same({}, engine.containers(LABEL))
    end
  end)

  it("is nothing when one of several fails and the others are cancelled", function()
    local outcome = engine.ask(LABEL, [[
      return mt.all {
        function() return docker.run(web {name = "spec-one"}) end,
        function() return docker.run(web {name = "spec-two"}) end,
        function()
          repeat until #docker.list {all = true, label = {spec = LABEL}} == 2
          error "enough"
        end,
      }
    ]])
    assert.matches("enough", outcome.raised)
    assert.are.same({}, engine.containers(LABEL))
  end)

  it("is nothing when it is interrupted", function()
    for _, when in ipairs {"mt.sleep(0.01)", "repeat until docker.list({all = true, name = 'spec-int'})[1]"} do
      local result = host.script(([[
        local docker = mt.docker
        mt.spawn(docker.run, {image = "moontide/web", name = "spec-int", labels = {spec = %q}})
        %s
        io.popen("kill -INT $PPID"):close()
        mt.sleep(20)
        print "still here"
      ]]):format(LABEL, when))
      assert.are.same({130, "", ""}, {result.code, result.out, result.err})
      assert.are.same({}, engine.containers(LABEL))
    end
  end)

  it("is nothing when the start fails, whatever the reason", function()
    local got = value [[
      local taken = docker.run(web {name = "spec-holder", ports = {["80/tcp"] = 0}})
      local number = math.tointeger(taken.ports["80/tcp"][1].HostPort)
      local function try(spec)
        local summary, err = docker.run(web(spec))
        return summary or {kind = err.kind, text = tostring(err)}
      end
      return {
        port = try {name = "spec-failed-1", ports = {["80/tcp"] = number}},
        command = try {name = "spec-failed-2", command = {"/nosuch/program"}},
        network = try {name = "spec-failed-3", networks = {"spec-nosuch"}},
        second = try {name = "spec-failed-4", networks = {"bridge", "spec-nosuch"}},
        number = number,
      }
    ]]
    assert.are.same({"spec-holder"}, engine.containers(LABEL))
    assert.are.same({"conflict", "invalid", "not_found", "not_found"},
      {got.port.kind, got.command.kind, got.network.kind, got.second.kind})
    engine.reads(got.port, 'docker.run: container "spec-failed-1": ', ("port 0.0.0.0:%d is already taken"):format(got.number),
      "choose another port (0: any")
    engine.reads(got.command, 'docker.run: container "spec-failed-2": ', '"/nosuch/program"', "change command= or entrypoint=")
    engine.reads(got.network, 'docker.run: container "spec-failed-3": its network spec-nosuch does not exist; create that network')
    engine.reads(got.second, "docker.run: c", "network", "spec-nosuch", "create that network or change networks=")
  end)
end)
