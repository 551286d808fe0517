-- Waiting for the end of a container.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_wait"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

local function clean() engine.clean(LABEL) end

local CRASH = 'docker.create(web {image = "moontide/crash", name = "spec-crash", restart = "no", env = {CODE = 7}})'

describe("wait", function()
  before_each(clean)
  teardown(clean)
  after_each(fake.stop_all)

  it("gives the exit code, of a run that it starts, too, however short that is", function()
    local got = value(CRASH .. [[
      local created = docker.wait "spec-crash"
      return {created, docker.wait("spec-crash", {start = true}), docker.wait "spec-crash",
        docker.wait("spec-crash", {start = true, condition = "not-running"})}
    ]])
    assert.are.same({0, 7, 7, 7}, got)
  end)

  it("ends when the container is killed, and when it is removed", function()
    local got = value [[
      docker.run(web {name = "spec-web"})
      local ended = mt.spawn(docker.wait, "spec-web", {condition = "next-exit"})
      local gone = mt.spawn(docker.wait, "spec-web", {condition = "removed"})
      mt.sleep(0.2)
      docker.kill "spec-web"
      local result = {select(2, ended:join())}
      docker.remove("spec-web", {force = true})
      result[2] = select(2, gone:join())
      return result
    ]]
    assert.are.same({137, 137}, got)
  end)

  it("gives up in time: the container runs on", function()
    value 'return docker.run(web {name = "spec-web"})'
    local err = failure 'return docker.wait("spec-web", {timeout = "100ms"})'
    assert.are.equal("timeout", err.kind)
    engine.reads(err, 'docker.wait: container "spec-web": it has not ended within 0.1 s; wait again, or stop it')
    assert.are.equal("running", engine.inspect("spec-web").State.Status)
    err = failure 'return docker.wait("spec-web", {timeout = 0.1, condition = "removed"})'
    engine.reads(err, 'docker.wait: container "spec-web": it is not removed within 0.1 s')
  end)

  it("tells why it cannot start, and that nobody is there", function()
    value 'return docker.create(web {name = "spec-bad", command = {"/nosuch"}})'
    local err = failure 'return docker.wait("spec-bad", {start = true})'
    assert.are.same({"invalid", "docker.wait"}, {err.kind, err.op})
    for _, options in ipairs {"nil", "{start = true}"} do
      err = failure(('return docker.wait("spec-nosuch", %s)'):format(options))
      assert.are.same({"not_found", "docker.wait"}, {err.kind, err.op})
    end
  end)

  it("takes mistakes for mistakes", function()
    for code, message in pairs {
      ['wait("a", {condition = "removd"})'] = 'option "condition" is unknown, "removd" (did you mean "removed"?)',
      ['wait("a", {timeout = "x"})'] = 'docker.wait: option "timeout" must be a duration',
      ["wait()"] = 'docker.wait: argument "id" must be a string, got nil',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)

  local WAIT, START = "^POST /v1.41/containers/w1/wait", "^POST /v1.41/containers/w1/start$"

  it("starts only what is waited for already", function()
    local it = fake.start {
      {WAIT, raw = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{"StatusCode": 5}\r\n0\r\n\r\n', after = START},
      {START, status = 204},
    }
    -- This engine says that it waits only at the end: the container is started all the same.
    assert.are.equal(5, value('return docker.wait("w1", {start = true})', {env = {DOCKER_HOST = it.host}}))
    local requests = it:stop()
    assert.matches("/wait%?condition=next%-exit$", requests[2].target)
    assert.matches("/start$", requests[3].target)
  end)

  it("is cut off when the engine goes away: look what came of it", function()
    for _, rule in ipairs {{drop = true}, {raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", close = true}} do
      rule[1] = WAIT
      local it = fake.start {rule}
      local err = failure('return docker.wait "w1"', {env = {DOCKER_HOST = it.host}})
      assert.are.same({"transport", "relist"}, {err.kind, err.next})
    end
  end)

  it("tells what the engine says instead of a code", function()
    local it = fake.start {{WAIT, body = '{"StatusCode": 0, "Error": {"Message": "gone astray"}}'}}
    local err = failure('return docker.wait "w1"', {env = {DOCKER_HOST = it.host}})
    assert.are.equal("engine", err.kind)
    engine.reads(err, 'docker.wait: container "w1": the engine gave up waiting: gone astray; inspect it')
  end)
end)
