-- Logs of a real engine, read as they come. The docker command says what a log holds.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_logs"

local function value(code, options) return engine.value(LABEL, code, options) end

local function clean() engine.clean(LABEL) end

-- Writes numbered lines, and goes on with the numbers when it is started again.
local COUNT = [[{"sh", "-c", "n=$(cat /tmp/n 2>/dev/null || echo 0); while :; do n=$((n+1)); echo $n >/tmp/n; echo line $n; "
  .. "[ $((n % 7)) != 0 ] || echo err $n >&2; done"}]]

-- What `docker logs` prints, sorted: between the two outputs there is no order.
local function docker_log(name) return host.shell(("docker logs %s 2>&1 | LC_ALL=C sort"):format(name)).out end

local function sorted(lines)
  table.sort(lines)
  return table.concat(lines, "\n") .. "\n"
end

describe("the log of a container", function()
  teardown(clean)

  local FOLLOW = ([[
    assert(docker.run(web {name = "spec-follow", command = %s}))
    local lines = {}
    local reader = mt.spawn(function()
      for line in assert(docker.logs("spec-follow", {follow = true})) do lines[#lines + 1] = line end
    end)
    local function more()
      local now = #lines
      repeat mt.sleep(0.02) until #lines > now + 50 or reader:status() == "done"
    end
    more() assert(docker.restart("spec-follow", {timeout = 0}))
    more() assert(docker.kill "spec-follow") mt.sleep(0.1) assert(docker.start "spec-follow")
    more()
    local early = reader:status() == "done"
    assert(docker.stop("spec-follow", {timeout = 0}))
    assert(reader:join())
    return {lines = lines, early = early}
  ]]):format(COUNT)

  it("is followed over restarts, with no line lost or doubled, until it stops", function()
    local got
    for _ = 1, 3 do -- an engine that takes over a second to start it again has let the log end
      clean()
      got = value(FOLLOW)
      if not got.early then break end
    end
    assert.is_false(got.early)
    assert.is_true(#got.lines > 150)
    assert.are.equal(docker_log "spec-follow", sorted(got.lines))
  end)

  it("comes with its times, and from the time on that is asked for", function()
    local got = value [[
      assert(docker.run(web {name = "spec-times", command = "sh -c 'echo one; sleep 1.2; echo two'", restart = "no"}))
      docker.wait("spec-times")
      local list = {}
      for line, source, time in assert(docker.logs("spec-times", {timestamps = true})) do
        list[#list + 1] = {line, source, time}
      end
      local since = {}
      for line in assert(docker.logs("spec-times", {tail = 1})) do since[#since + 1] = line end
      return {list = list, last = since}
    ]]
    assert.are.same({"one", "two", "stdout"}, {got.list[1][1], got.list[2][1], got.list[1][2]})
    assert.is_truthy(got.list[1][3]:find "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$")
    assert.are.same({"two"}, got.last)
  end)

  it("closes its connection when the loop is left, by break, by error and by cancel", function()
    assert.are.same({1, 1, 1}, engine.given_back(LABEL, "logs", "follow"))
  end)

  it("of nobody is told of", function()
    local err = engine.failure(LABEL, "return docker.logs 'spec-nobody'")
    assert.are.equal("not_found", err.kind)
    engine.reads(err, 'docker.logs: container "spec-nobody": there is no such container')
  end)
end)
