-- moontide logs, as an operator types it.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "cmd-logs-spec"
local name = LABEL .. "-" .. os.time()
local program = "'" .. host.binary .. "'"

-- A container that runs a piece of shell.
local function run(code, of)
  engine.value(LABEL, ([[
    return assert(docker.run(web {name = %q, restart = "no", command = {"sh", "-c", %q}})).name
  ]]):format(of or name, code))
end

-- Runs the command in the background, waits until it has printed the text, interrupts it. Its exit code
-- and output.
local function interrupted(command, text, meanwhile)
  return host.shell(([[
    out=$(mktemp); env --default-signal=INT %s %s >"$out" 2>&1 & pid=$!
    %s
    for _ in $(seq 100); do grep -q '%s' "$out" && break; sleep 0.1; done
    kill -INT $pid; wait $pid; echo "code $?"; cat "$out"; rm "$out"
  ]]):format(program, command, meanwhile or "", text))
end

describe("moontide logs", function()
  setup(function()
    run "echo one; echo two >&2; printf 'a\\tb\\033[31mred\\033[0m\\033[2J\\n'; exec sleep 1000"
    engine.value(LABEL, ("for _ in assert(docker.logs(%q, {follow = true, tail = 3})) do count = (count or 0) + 1"
      .. " if count == 3 then return true end end"):format(name))
  end)

  teardown(function() engine.clean(LABEL) end)

  it("prints each stream where it belongs", function()
    local result = host.run {"logs", name}
    assert.are.same({0, "one\na\tb\27[31mred\27[0m\27[2J\n", "two\n"}, {result.code, result.out, result.err})
  end)

  it("knows tail, since and times", function()
    assert.are.equal("", host.run({"logs", "--tail", "0", name}).out)
    assert.are.equal("", host.run({"logs", "--since", tostring(os.time() + 100), name}).out)
    assert.are.equal("", host.run({"logs", "--since", "2100-01-01T00:00:00+01:00", name}).out)
    assert.matches("^one\n", host.run({"logs", "--since", "2026-01-01T00:00:00Z", name}).out)
    assert.matches("^one\n", host.run({"logs", "--since", "10m", name}).out)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z one\n", host.run({"logs", "-t", name}).out)
  end)

  it("prints a line of JSON for each with --json", function()
    local lines = {}
    for line in host.run({"--json", "logs", name}).out:gmatch("[^\n]+") do lines[#lines + 1] = cjson.decode(line) end
    assert.are.equal(3, #lines)
    for _, line in ipairs(lines) do
      if line.line == "two" then assert.are.equal("stderr", line.source) end
    end
  end)

  it("leaves colours to a terminal, and nothing else that drives it", function()
    local result = host.shell(("script -qec '%s logs %s' /dev/null"):format(host.binary, name))
    assert.truthy(result.out:find("a\tb\27[31mred\27[0m\\x1b[2J", 1, true), result.out)
  end)

  it("ends with 130 when it is interrupted", function()
    assert.matches("^code 130\n.*one\n", interrupted("logs -f " .. name, "one").out)
  end)

  it("ends quietly when nobody reads any more", function()
    run("while :; do echo tick; sleep 0.05; done", name .. "-talks")
    local command = ("%s logs -f %s-talks | head -1; exit ${PIPESTATUS[0]}"):format(program, name)
    local result = host.shell(('bash -c "%s"'):format(command:gsub("%$", "\\$")))
    assert.are.same({141, "tick\n", ""}, {result.code, result.out, result.err})
  end)

  it("says what is wrong with 1, 2 and 3", function()
    local missing = host.run {"logs", "nosuch"}
    assert.are.same({1, ""}, {missing.code, missing.out})
    assert.matches('^moontide: docker%.logs: container "nosuch"', missing.err)
    assert.are.equal(3, host.run({"-H", "unix:///nosuch.sock", "logs", "x"}).code)
    for _, words in ipairs {{"logs"}, {"logs", "--tail", "many", name}, {"logs", "--since", "then", name}, {"logs", "a/b"}} do
      local result = host.run(words)
      assert.are.same({2, ""}, {result.code, result.out})
      assert.matches("^moontide logs: .*; see moontide logs %-%-help\n$", result.err)
    end
  end)
end)
