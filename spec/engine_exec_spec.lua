-- Commands in a container.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_exec"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

describe("exec", function()
  setup(function()
    engine.clean(LABEL)
    value 'return docker.run(web {name = "spec-exec"})'
  end)
  teardown(function() engine.clean(LABEL) end)
  after_each(fake.stop_all)

  it("gives the exit code and both outputs, apart", function()
    local got = value [[
      local exec = docker.exec
      return {
        both = exec("spec-exec", "echo out; echo err >&2; exit 3"), quiet = exec("spec-exec", {"true"}),
        words = exec("spec-exec", {"printf", "%s|", "a b", "$HOME", "'"}),
        set = exec("spec-exec", "echo $A; pwd; id -u", {env = {A = "x y"}, workdir = "/tmp", user = 12}),
        bytes = exec("spec-exec", {"printf", "a\\000b"}).stdout == "a\0b",
        terminal = exec("spec-exec", "test -t 1 && echo yes; echo err >&2", {tty = true}),
      }
    ]]
    assert.are.same({exit_code = 3, stdout = "out\n", stderr = "err\n"}, got.both)
    assert.are.same({exit_code = 0, stdout = "", stderr = ""}, got.quiet)
    assert.are.same({"a b|$HOME|'|", "x y\n/tmp\n12\n", true}, {got.words.stdout, got.set.stdout, got.bytes})
    assert.are.same({exit_code = 0, stdout = "yes\r\nerr\r\n", stderr = ""}, got.terminal)
  end)

  it("gives it stdin, to the last byte, while it prints", function()
    local got = value [[
      local text = ("0123456789abcdef\0\n"):rep(150000) -- more than all pipes on the way hold
      local copied = docker.exec("spec-exec", {"cat"}, {stdin = text})
      return {copied = copied.exit_code == 0 and copied.stdout == text, empty = docker.exec("spec-exec", {"cat"}, {stdin = ""}),
        early = docker.exec("spec-exec", {"head", "-c", "3"}, {stdin = text})}
    ]]
    assert.is_true(got.copied)
    assert.are.same({exit_code = 0, stdout = "", stderr = ""}, got.empty)
    assert.are.same({0, "012"}, {got.early.exit_code, got.early.stdout})
  end)

  it("takes 10 MB of stdin in bounded memory, also while it prints them all #slow", function()
    local got = value([[
      local text = ("0123456789abcde\n"):rep(655360)
      local printed, ok = 0, true
      local function count(bytes)
        ok = ok and text:sub(printed + 1, printed + #bytes) == bytes
        printed = printed + #bytes
      end
      local taken = docker.exec("spec-exec", "cat >/dev/null", {stdin = text})
      local copied = docker.exec("spec-exec", {"cat"}, {stdin = text, on_output = count})
      local peak
      for line in io.lines "/proc/self/status" do peak = peak or tonumber(line:match "^VmHWM:%s*(%d+)") end
      return {taken = taken, copied = copied, printed = printed, ok = ok, peak = peak}
    ]], {before = {"--memory-limit", "64m"}})
    assert.are.same({{exit_code = 0, stdout = "", stderr = ""}, {exit_code = 0}, 10485760, true},
      {got.taken, got.copied, got.printed, got.ok})
    -- The text, what it is made of, and the program.
    assert.is_true(got.peak < 48 * 1024, "peak " .. got.peak .. " KiB")
  end)

  it("is given up while it reads none of what waits to be written, or goes away", function()
    local got = value [[
      local text = ("x"):rep(10 << 20)
      local begun
      local waits = mt.spawn(docker.exec, "spec-exec", "echo; exec sleep 60", {stdin = text, on_output = function()
        begun = true
      end})
      repeat mt.sleep(0.02) until begun
      local status = waits:status()
      waits:cancel()
      local early = docker.exec("spec-exec", {"true"}, {stdin = text})
      local dies = docker.exec("spec-exec", "kill -9 $$", {stdin = text})
      return {status = status, ended = waits:status(), early = early.exit_code, dies = dies.exit_code,
        late = docker.exec("spec-exec", {"sleep", "5"}, {stdin = text, timeout = 0.5}) or "timeout"}
    ]]
    assert.are.same({status = "waiting", ended = "cancelled", early = 0, dies = 137, late = "timeout"}, got)
  end)

  it("hands its output on as it comes, or keeps no more than is allowed", function()
    local got = value [[
      local parts = {stdout = 0, stderr = 0}
      local COMMAND = "echo x; until [ -e /tmp/heard ]; do sleep 0.05; done; yes | head -c 300000; echo e >&2"
      local result = docker.exec("spec-exec", COMMAND, {max_output = 10, timeout = 20, on_output = function(bytes, source)
        if parts.stdout == 0 then mt.spawn(docker.exec, "spec-exec", "touch /tmp/heard") end
        parts[source] = parts[source] + #bytes
      end})
      return {parts = parts, result = result}
    ]]
    assert.are.same({parts = {stdout = 300002, stderr = 2}, result = {exit_code = 0}}, got)
    local err = failure 'return docker.exec("spec-exec", "yes | head -c 300000", {max_output = "1k"})'
    engine.reads(err, 'docker.exec: container "spec-exec": the command prints more than max_output, 1.0 KiB; take it as it comes '
      .. "with on_output, or raise max_output")
  end)

  it("that cannot be run ends with 126 or 127, and why", function()
    local got = value 'return docker.exec("spec-exec", {"/nosuch"})'
    assert.is_true(got.exit_code == 126 or got.exit_code == 127)
    assert.matches("/nosuch", got.stdout)
    assert.are.equal(127, value('return docker.exec("spec-exec", "nosuch").exit_code'))
  end)

  it("is given up in time, and goes on inside", function()
    local got = value [[
      local seconds, begun, err = 0.1, false, nil
      repeat -- the longest time in which it had not even begun is too short
        seconds = seconds * 2
        err = select(2, docker.exec("spec-exec", "echo; exec sleep 4321", {timeout = seconds, on_output = function()
          begun = true
        end}))
      until begun
      return {kind = err.kind, text = tostring(err), seconds = seconds,
        seen = docker.exec("spec-exec", "ps | grep -c '[s]leep 4321'; kill $(ps | grep '[s]leep 4321' | cut -c1-5)").stdout}
    ]]
    assert.are.equal("timeout", got.kind)
    engine.reads(got, ('docker.exec: container "spec-exec": the command has not ended within %g s; it goes on in the container')
      :format(got.seconds))
    assert.is_true(tonumber(got.seen) >= 1, got.seen)
  end)

  it("is told why its container does not take it", function()
    value [[
      docker.create(web {name = "spec-still"})
      docker.run(web {name = "spec-paused"})
      return docker.pause "spec-paused"
    ]]
    for name, message in pairs {
      ["spec-still"] = "it is not running; start it first", ["spec-paused"] = "it is paused; unpause it first",
    } do
      local err = failure(('return docker.exec("%s", {"true"})'):format(name))
      assert.are.same({"conflict", 409}, {err.kind, err.status})
      engine.reads(err, ('docker.exec: container "%s": %s'):format(name, message))
    end
    assert.are.equal("not_found", failure('return docker.exec("spec-nosuch", {"true"})').kind)
  end)

  it("ends when its container is killed", function()
    assert.are.equal(137, value [[
      docker.run(web {name = "spec-killed"})
      local running = mt.spawn(docker.exec, "spec-killed", {"sleep", "60"})
      repeat mt.sleep(0.02) until #(docker.inspect("spec-killed").ExecIDs or {}) > 0
      repeat
        local _, top = assert(docker.request("GET", "/containers/spec-killed/top"))
      until mt.json.encode(top.Processes):find("sleep 60", 1, true)
      docker.kill "spec-killed"
      return select(2, running:join()).exit_code
    ]])
  end)

  it("is begun once, when connections die", function()
    local CREATE, START = "^POST /v1.41/containers/w1/exec$", "^POST /v1.41/exec/e1/start$"
    for mark, rules in pairs {
      [CREATE] = {{CREATE, drop = true}},
      [START] = {{CREATE, status = 201, body = '{"Id":"e1"}'}, {START, drop = true}},
    } do
      local it = fake.start(rules)
      local err = failure('return docker.exec("w1", {"true"})', {env = {DOCKER_HOST = it.host}})
      assert.are.equal("transport", err.kind)
      assert.are.equal(1, it:count(mark))
    end
  end)

  it("takes mistakes for mistakes", function()
    for code, message in pairs {
      ['exec("a")'] = 'docker.exec: argument "cmd" must be a list of words, or a string for sh -c, got nil',
      ['exec("a", "")'] = 'docker.exec: argument "cmd" is empty; give a command',
      ['exec("a", {})'] = "is empty",
      ['exec("a", {"ls", {}})'] = "must be a list of strings, got a table as word 2",
      ['exec("a", "ls", {evn = {}})'] = 'docker.exec: unknown option "evn" (did you mean "env"?)',
      ['exec("a", "ls", {workdir = "tmp"})'] = 'option "workdir" must be an absolute path',
      ['exec("a", "ls", {max_output = "lots"})'] = 'option "max_output" must be bytes, or like "64m"',
      ['exec("a", "ls", {on_output = 7})'] = 'option "on_output" must be a function',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
