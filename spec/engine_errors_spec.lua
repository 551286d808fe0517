-- What a real engine refuses, and engines that are out of reach: each message says what happened, to what,
-- why, and what to do next; what a failed call made is gone, and other tasks run on.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"
local host = require "spec.support.host"

local LABEL = "engine_errors"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

-- An engine that is stopped after the test, and how scripts find it.
local function scripted(rules, options)
  local it = fake.start(rules, options)
  return it, {env = {DOCKER_HOST = it.host}}
end

after_each(fake.stop_all)

describe("a real engine refuses", function()
  setup(function()
    engine.clean(LABEL)
    value 'return docker.create(web {name = "spec-there"})'
  end)
  teardown(function() engine.clean(LABEL) end)

  -- what, code, kind, how the message begins, what else it says
  local cases = {
    {"an image that it does not have", 'docker.run(web {image = "moontide/nosuch:1", pull = "never"})', "not_found",
      'docker.run: image "moontide/nosuch:1" is not on the engine; pull it first: docker pull moontide/nosuch:1'},
    {"an image that it does not have, for a container with a name",
      'docker.create(web {image = "moontide/nosuch:1", name = "spec-new", pull = "never"})', "not_found",
      'docker.create: container "spec-new": image "moontide/nosuch:1" is not on the engine; pull it first: docker pull'},
    {"a name that is taken", 'docker.run(web {name = "spec-there"})', "conflict",
      'docker.run: container "spec-there": the name is already in use by container ',
      "; remove or rename that one, or choose another name (engine: "},
    {"memory below its minimum", "docker.run(web {host_config = {Memory = 1024}})", "invalid",
      "docker.run: the memory limit is below this engine's minimum, ", "; raise resources.memory (engine: "},
    {"more CPUs than it has", "docker.run(web {resources = {cpu = 1000}})", "invalid",
      "docker.run: the engine's host can give from 0.01 to ", " CPUs; change resources.cpu (engine: "},
    {"a field of another type", 'docker.run(web {host_config = {Memory = "1g"}})', "invalid",
      "docker.run: the engine ", "correct"},
    {"a signal that is none", 'docker.kill("spec-there", {signal = "SIGNOPE"})', "invalid",
      'docker.kill: container "spec-there": SIGNOPE is no signal; write one such as "SIGTERM" or 15'},
    {"to start what is not there", 'docker.start "nosuch"', "not_found",
      'docker.start: container "nosuch": there is no such container (any more); list shows what there is'},
  }
  for _, name in ipairs {"stop", "restart", "kill", "inspect", "stats", "wait_ports"} do
    cases[#cases + 1] = {"to " .. name .. " what is not there", ("docker.%s 'nosuch'"):format(name), "not_found",
      ('docker.%s: container "nosuch": there is no such container'):format(name)}
  end
  for _, case in ipairs(cases) do
    it(case[1], function()
      local err = failure("return " .. case[2])
      assert.are.equal(case[3], err.kind)
      assert.is_true(err.status >= 400)
      engine.reads(err, table.unpack(case, 4))
      assert.are.same({"spec-there"}, engine.containers(LABEL))
    end)
  end

  it("a port that a program on its host holds", function()
    local holder = scripted({}, {tcp = true})
    local port = holder.host:match("%d+$")
    local err = failure(('return docker.run(web {name = "spec-port", ports = {["80/tcp"] = "127.0.0.1:%s"}})'):format(port))
    assert.are.equal("conflict", err.kind)
    engine.reads(err, ('docker.run: container "spec-port": port 127.0.0.1:%s is already taken'):format(port),
      "choose another port")
    assert.are.same({"spec-there"}, engine.containers(LABEL))
  end)

  it("nothing of what is a mistake in the call: that is raised before anything is sent", function()
    for code, message in pairs {
      ["{resources = {cpu = '1x'}}"] = 'docker.run: option "resources.cpu" ',
      ["{resources = {memory = '256q'}}"] = 'docker.run: option "resources.memory" ',
      ["{resources = {memory = '1k'}}"] = 'docker.run: option "resources.memory" ',
      ["{ports = {['80'] = 0}}"] = 'docker.run: port "80" has no protocol; write "80/tcp"',
      ["{ports = {['80/xyz'] = 0}}"] = 'docker.run: port "80/xyz" has an unknown protocol; valid: tcp, udp, sctp',
      ["{ports = {['70000/tcp'] = 0}}"] = 'docker.run: port "70000/tcp" is not in the range 1 to 65535',
      ["{ports = {['80/tcp'] = 70000}}"] = 'docker.run: host port 70000 of "80/tcp" is not in the range 1 to 65535',
      ["{imgae = 'x'}"] = 'docker.run: unknown option "imgae" (did you mean "image"?)',
      ["{env = 'A=1'}"] = 'docker.run: option "env" must be a table, got string (not shown: it may be a secret)',
    } do
      local outcome = engine.ask(LABEL, "return docker.run(web " .. code .. ")")
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
      assert.are.equal("ran on", outcome.other)
    end
    assert.are.same({"spec-there"}, engine.containers(LABEL))
  end)
end)

describe("an engine that cannot be reached", function()
  local function unreachable(docker_host, kind, ...)
    local err = failure("return docker.list()", {env = {DOCKER_HOST = docker_host}})
    assert.are.equal(kind, err.kind)
    engine.reads(err, ...)
  end

  it("has no socket", function()
    unreachable("unix:///tmp/nosuch/docker.sock", "transport",
      "docker.list: cannot connect to unix:///tmp/nosuch/docker.sock: No such file or directory; is the Docker Engine running?",
      "(DOCKER_HOST says where it listens)")
  end)

  it("has left its socket behind", function()
    local dead = fake.start {}
    os.execute("mv " .. dead.socket .. " " .. dead.socket .. "-left")
    dead:stop()
    finally(function() os.remove(dead.socket .. "-left") end)
    unreachable(dead.host .. "-left", "transport", ("docker.list: cannot connect to %s-left: Connection refused; is the "
      .. "Docker Engine running?"):format(dead.host))
  end)

  it("is a file", function()
    local path = host.file "x"
    finally(function() os.remove(path) end)
    unreachable("unix://" .. path, "transport",
      ("docker.list: cannot connect to unix://%s: Connection refused; it is not a socket: check the path"):format(path))
  end)

  it("does not listen on that port", function()
    local gone = fake.start({}, {tcp = true})
    gone:stop()
    unreachable(gone.host, "transport", ("docker.list: cannot connect to %s: Connection refused; is the Docker Engine "
      .. "running?"):format(gone.host:gsub("tcp:", "http:")))
  end)

  it("may not be used: the message says which group may", function()
    local directory = host.shell("mktemp -d /tmp/spec-denied.XXXXXX").out:gsub("\n", "")
    local it = fake.start {}
    finally(function() os.execute("rm -rf " .. directory) end)
    host.shell(("chmod 755 %s && cp %s %s/moontide && chgrp daemon %s && chmod 660 %s"):format(directory, host.binary,
      directory, it.socket, it.socket))
    local command = ("setpriv --reuid=65534 --regid=65534 --clear-groups %s/moontide eval 'print(mt.docker.list())'")
      :format(directory)
    local result = host.shell(command, {env = {DOCKER_HOST = it.host}})
    assert.are.equal(("nil\tdocker.list: cannot connect to %s: Permission denied; join the group 'daemon' (sudo usermod -aG "
      .. "daemon $USER) and log in again, or run as root\n"):format(it.host), result.out)
    host.shell("chmod 600 " .. it.socket)
    result = host.shell(command, {env = {DOCKER_HOST = it.host}})
    assert.matches("Permission denied; run as the owner of the socket or as root\n$", result.out)
  end)

  it("is named in a way that cannot be understood", function()
    for text, why in pairs {
      garbage = "that is neither a URL nor host:port",
      ["npipe:////./pipe/docker"] = "unix://, tcp://, http://, https:// and ssh:// are understood",
      ["unix://relative.sock"] = "the path of the socket must be absolute",
      ["unix:///" .. ("x"):rep(120)] = "longer than the 107 bytes that are possible",
      ["/var/run/docker.sock"] = "unix:// is missing before the path of the socket",
      ["tcp://:99999"] = "a port from 1 to 65535",
      ["tcp://user:secret@10.0.0.1:2375"] = "a user name has no place there",
      ["ssh://me:secret@far"] = "a password has no place there; ssh takes keys, from its agent",
    } do
      local err = failure("return docker.list()", {env = {DOCKER_HOST = text}})
      assert.are.equal("invalid", err.kind)
      engine.reads(err, 'docker.connect: DOCKER_HOST "', why, "; write it as unix:///var/run/docker.sock or tcp://10.0.0.1:2375")
      assert.is_nil(err.text:find("secret", 1, true))
    end
    local err = failure 'return docker.connect {host = "garbage"}'
    engine.reads(err, 'docker.connect: host "garbage": that is neither a URL nor host:port')
  end)

  it("closes at once every connection", function()
    local it, where = scripted({}, {refuse = 1000})
    local err = failure("return docker.list()", where)
    assert.are.equal("transport", err.kind)
    engine.reads(err, "docker.list: ", it.host)
  end)

  it("never answers", function()
    local it, where = scripted {{"/spec%-web/json$", silent = true}, {"/start$", silent = true}}
    local err = failure([[
      local slow = docker.connect {timeout = "500ms"}
      assert(slow.ping())
      return slow.inspect "spec-web"]], where)
    assert.are.same({"timeout", "retry"}, {err.kind, err.next})
    engine.reads(err, ('docker.inspect: container "spec-web": no reply from the Docker Engine at %s within 0.5 s: see what '
      .. "keeps it busy, or raise the timeout"):format(it.host))
    err = failure('assert(docker.ping()) return docker.request("POST", "/containers/a/start", {timeout = 0.5})', where)
    assert.are.same({"timeout", "relist"}, {err.kind, err.next})
  end)

  it("is waited for by its own callers only", function()
    local _, where = scripted {
      {"/info$", after = "/third/json$", body = '{"Name": "late"}'},
      {"/%a+/json$", body = "{}"},
    }
    assert.are.same({name = "late", before = 3}, value([[
      local docker, before = docker, 0
      local late = mt.spawn(docker.info)
      for _, name in ipairs {"first", "second", "third"} do
        assert(docker.inspect(name))
        before = before + 1
      end
      local _, info = late:join()
      return {name = info.Name, before = before}
    ]], where))
  end)
end)
