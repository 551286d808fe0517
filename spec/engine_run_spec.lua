-- docker.run on a real engine, carried through and not. curl looks at what came of it.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_run"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

local function clean() engine.clean(LABEL) end

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
    local summary, container = got.summary, engine.inspect("spec-all")
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
    assert.are.same({"created", "created"}, {got.status, engine.inspect("spec-still").State.Status})
  end)

  it("takes a name from the engine when it is given none", function()
    local got = value "return docker.run(web())"
    assert.are.equal("/" .. got.name, engine.inspect(got.container_id).Name)
  end)

  it("runs several at once #slow", function()
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

  it("joins every network of the list #slow", function()
    finally(function()
      clean()
      engine.api("DELETE", "/networks/spec-net")
    end)
    assert.are.equal(201, (engine.api("POST", "/networks/create", {Name = "spec-net", CheckDuplicate = true})))
    value 'return docker.run(web {name = "spec-joined", networks = {"bridge", "spec-net"}})'
    local networks = engine.inspect("spec-joined").NetworkSettings.Networks
    assert.is_table(networks.bridge)
    assert.is_table(networks["spec-net"])
  end)
end)

describe("what is left of a run that is not carried through", function()
  before_each(clean)
  teardown(clean)

  -- Cancels a run as soon as `when` says so, another one when that was too late; the script ends when the clean-up
  -- is done.
  local function cancelled(when)
    local got = value(([[
      local running
      local function seen(status)
        if running:status() == "done" then return true end
        local found = docker.list({all = true, name = "spec-cut"})[1]
        return found and (found.status == status or status == nil)
      end
      repeat
        running = mt.spawn(function() return docker.run(web {name = "spec-cut", ports = {["80/tcp"] = 0}}) end)
        %s
        running:cancel()
        local late = running:status() == "done" and docker.remove("spec-cut", {force = true})
      until not late
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

  it("is nothing when its time is over #slow", function()
    for _, seconds in ipairs {0.001, 0.05, 0.1} do
      local err = failure(("return mt.timeout(%g, docker.run, web {name = 'spec-late'})"):format(seconds))
      assert.are.equal("timeout", err.kind)
      assert.are.same({}, engine.containers(LABEL))
    end
  end)

  it("is nothing when one of several fails and the others are cancelled", function()
    local outcome
    repeat -- one that is done stays: then the error was too late
      clean()
      outcome = engine.ask(LABEL, [[
        local late
        local function run(name) late = docker.run(web {name = name}) end
        return mt.all {
          function() run "spec-one" end,
          function() run "spec-two" end,
          function()
            repeat until #docker.list {all = true, label = {spec = LABEL}} == 2
            error(late and "late" or "enough")
          end,
        }
      ]])
    until not outcome.raised:find "late"
    assert.matches("enough", outcome.raised)
    assert.are.same({}, engine.containers(LABEL))
  end)

  it("is nothing when it is interrupted", function()
    for _, when in ipairs {"mt.sleep(0.01)", "repeat until docker.list({all = true, name = 'spec-int'})[1]"} do
      local result
      repeat
        clean()
        result = host.script(([[
          local docker = mt.docker
          mt.spawn(function()
            docker.run {image = "moontide/web", name = "spec-int", labels = {spec = %q}}
            io.write "late"
          end)
          %s
          io.popen("kill -INT $PPID"):close()
          mt.sleep(20)
          print "still here"
        ]]):format(LABEL, when))
      until result.out ~= "late"
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
    engine.reads(got.network, 'docker.run: container "spec-failed-3": its network spec-nosuch does not exist; create')
    engine.reads(got.second, "docker.run: c", "network", "spec-nosuch", "create that network or change networks=")
  end)
end)
