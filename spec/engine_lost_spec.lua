-- Calls that may have been carried out, and ports that do not accept, by a scripted engine.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local function value(code, options) return engine.value("engine", code, options) end

local function failure(code, options) return engine.failure("engine", code, options) end

-- An engine that is stopped after the test, and how scripts find it.
local function scripted(rules, options)
  local it = fake.start(rules, options)
  return it, {env = {DOCKER_HOST = it.host}}
end

after_each(fake.stop_all)

describe("a call that may have been carried out", function()
  local ID = ("a"):rep(64)
  local function inspected(status, labels)
    return {"/json$", body = ('{"Id":"%s","Name":"/spec-lost","State":{"Status":"%s"},"Config":{"Image":"moontide/web",'
      .. '"Labels":%s}}'):format(ID, status, labels or '{"spec":"engine","other":"of the image"}')}
  end
  local CREATE, START = "^POST /v1.41/containers/create", "^POST /v1.41/containers/[%w-]+/start$"
  local LOST = {CREATE, drop = true}
  local RUN = 'return docker.run(web {name = "spec-lost"})'

  it("is not sent again after a failure of the engine", function()
    local it, where = scripted {{CREATE, status = 500, body = '{"message":"boom"}'}}
    local err = failure(RUN, where)
    assert.are.same({"engine", 500}, {err.kind, err.status})
    engine.reads(err, 'docker.run: container "spec-lost": the engine failed; its log may say more (engine: boom)')
    assert.are.same({1, 2}, {it:count(CREATE), it:count ""})
  end)

  it("is sent once, on a connection of its own, when connections die", function()
    for _, call in ipairs {
      {'return docker.create(web())', CREATE},
      {'return docker.restart "web"', "/restart"},
      {'return docker.kill "web"', "/kill"},
      {'return docker.request("POST", "/exec/1/start")', "/exec/1/start$"},
    } do
      local it, where = scripted {{"/json", body = "[]"}, {call[2], drop = true}}
      local err = failure("assert(docker.list()) " .. call[1], where)
      assert.are.same({"transport", "relist"}, {err.kind, err.next})
      engine.reads(err, "docker.", "lost the reply of " .. it.host, "may have been carried out: look before you repeat it")
      assert.are.equal(1, it:count(call[2]))
      local requests = it:stop()
      local at = 1
      while not (requests[at].method .. " " .. requests[at].target):find(call[2]) do at = at + 1 end
      assert.are_not.equal(requests[at - 1].connection, requests[at].connection)
    end
  end)

  it("has a name, which is looked up: found, it is not created again", function()
    local it, where = scripted {LOST, inspected "created", {START, status = 204}}
    assert.are.equal(ID, value(RUN, where).container_id)
    assert.are.same({1, 1, 0}, {it:count(CREATE), it:count(START), it:count "^DELETE"})
    local body = it:stop()[2].body
    assert.matches('"Image":"moontide/web"', body)
  end)

  it("has a name, which is looked up: not found, it is an error", function()
    local it, where = scripted {LOST, {"/spec%-lost/json$", status = 404, body = '{"message":"No such container: spec-lost"}'}}
    local err = failure(RUN, where)
    assert.are.equal("transport", err.kind)
    engine.reads(err, 'docker.run: container "spec-lost": lost the reply of ' .. it.host, "look before you repeat it")
    assert.are.same({1, 1, 0, 0}, {it:count(CREATE), it:count "/spec%-lost/json$", it:count(START), it:count "^DELETE"})
  end)

  it("has a name that others may have taken: theirs is left alone", function()
    for _, other in ipairs {inspected "running", inspected("created", '{"spec":"another"}')} do
      local it, where = scripted {LOST, other}
      assert.are.equal("transport", failure(RUN, where).kind)
      assert.are.same({1, 0, 0}, {it:count(CREATE), it:count(START), it:count "^DELETE"})
    end
  end)

  it("is undone when its start is lost", function()
    local it, where = scripted {
      {CREATE, status = 201, body = ('{"Id":"%s"}'):format(ID)}, {START, drop = true}, {"^DELETE", status = 204},
    }
    local err = failure(RUN, where)
    assert.are.equal("transport", err.kind)
    engine.reads(err, 'docker.run: container "spec-lost": lost the reply of ')
    assert.are.equal(1, it:count("^DELETE /v1.41/containers/" .. ID .. "%?force=true&v=true$"))
  end)

  it("is told of, with what is left, when even undoing it fails", function()
    local _, where = scripted {
      {CREATE, status = 201, body = ('{"Id":"%s"}'):format(ID)}, {START, status = 500, body = '{"message":"no start"}'},
      {"^DELETE", status = 500, body = '{"message":"no removal"}'},
    }
    engine.reads(failure(RUN, where), 'docker.run: container "spec-lost": the engine failed',
      "; and the container aaaaaaaaaaaa that was made for it could not be removed: ", "no removal")
  end)

  it("is undone when it is cancelled before the reply comes", function()
    local it, where = scripted {
      {CREATE, status = 201, body = ('{"Id":"%s"}'):format(ID), after = "/info$"},
      {"/info$", body = "{}"}, {"/sent$", body = "{}", after = CREATE}, {"^DELETE", status = 204},
    }
    local err = failure(RUN:gsub("return (.*)", 'local t = mt.spawn(function() %1 end) assert(docker.request("GET", "/sent")) '
      .. "t:cancel() docker.info() return nil, select(2, t:join())"), where)
    assert.are.equal("cancelled", err.kind)
    assert.are.same({1, 0, 1}, {it:count(CREATE), it:count(START), it:count("^DELETE /v1.41/containers/" .. ID)})
  end)
end)

describe("wait_ports with the probe", function()
  local function bound(ip, port)
    return {"/web/json$", body = ('{"Id":"ab","State":{"Status":"running"},"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"%s",'
      .. '"HostPort":"%s"}]}}}'):format(ip, port)}
  end

  it("connects where the engine binds", function()
    local listener = scripted({}, {tcp = true})
    local port = listener.host:match("%d+$")
    for _, ip in ipairs {"", "0.0.0.0", "127.0.0.1"} do
      local _, where = scripted {bound(ip, port)}
      assert.are.equal(port, value("return docker.wait_ports('web', {'80/tcp'}, {probe = 'tcp'})", where)["80/tcp"][1].HostPort)
    end
    assert.are.equal(0, listener:count "")
  end)

  it("connects to the engine's machine when that is another", function()
    local listener = scripted({}, {tcp = true})
    local port = listener.host:match("%d+$")
    local _, where = scripted({bound("0.0.0.0", port)}, {tcp = true})
    where.env.http_proxy = "http://127.0.0.1:1"
    assert.is_table(value("return docker.wait_ports('web', nil, {probe = 'tcp'})", where)["80/tcp"])
  end)

  it("fails when nothing accepts in time", function()
    local gone = fake.start({}, {tcp = true})
    gone:stop()
    local port = gone.host:match("%d+$")
    local it, where = scripted {bound("0.0.0.0", port)}
    local err = failure("return docker.wait_ports('web', {'80/tcp'}, {probe = 'tcp', timeout = 1, interval = 0.02})", where)
    assert.are.equal("timeout", err.kind)
    engine.reads(err, 'docker.wait_ports: container "web": within 1 s 80/tcp does not accept: cannot connect to '
      .. "http://127.0.0.1:" .. port .. ": Connection refused")
    assert.is_true(it:count "/web/json$" >= 2)
  end)

  it("looks once when it has no time, and waits for what the engine says", function()
    local slow = bound("", 1)
    slow.after = "/info$"
    local _, where = scripted {slow, {"/info$", body = "{}"}}
    local got = value([[
      local look = mt.spawn(docker.wait_ports, "web", nil, {timeout = 0})
      mt.sleep(0.1)
      assert(docker.info())
      return {look:join()}
    ]], where)
    assert.are.equal("1", got[2]["80/tcp"][1].HostPort)
  end)

  it("tells what it has seen when the engine is too slow for another look", function()
    local ports = '{"80/tcp":[{"HostIp":"","HostPort":"1"}]}'
    local _, where = scripted {
      {"/web/json$", times = 1, body = ('{"Id":"ab","State":{"Status":"running"},"NetworkSettings":{"Ports":%s}}'):format(ports)},
      {"/web/json$", silent = true},
    }
    local CALL = "return docker.wait_ports('web', {'81/tcp'}, {probe = '%s', timeout = 1})"
    assert.are.equal("1", value(CALL:format "bound", where)["80/tcp"][1].HostPort)
    _, where = scripted {
      {"/web/json$", times = 1, body = ('{"Id":"ab","State":{"Status":"running"},"NetworkSettings":{"Ports":%s}}'):format(ports)},
      {"/web/json$", silent = true},
    }
    engine.reads(failure(CALL:format "tcp", where), 'docker.wait_ports: container "web": within 1 s 81/tcp is not bound')
  end)
end)
