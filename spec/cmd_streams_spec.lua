-- moontide exec, events and pull, as an operator types them.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local progress = require "moontide.cmd.progress"
local registry = require "spec.support.registry"

local LABEL = "cmd-streams-spec"
local name = LABEL .. "-" .. os.time()
local program = "'" .. host.binary .. "'"

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

describe("moontide exec", function()
  local of = name .. "-exec"

  setup(function()
    engine.value(LABEL, ("return docker.run(web {name = %q}).name"):format(of))
  end)

  teardown(function() engine.clean(LABEL) end)

  it("prints each output where it belongs, and ends with the exit code", function()
    local result = host.run {"exec", of, "sh", "-c", "echo out; echo err >&2; exit 7"}
    assert.are.same({7, "out\n", "err\n"}, {result.code, result.out, result.err})
  end)

  it("leaves what follows the name to the program", function()
    assert.are.equal("--json -e -h --memory-limit 1k\n",
      host.run({"exec", of, "echo", "--json", "-e", "-h", "--memory-limit", "1k"}).out)
    assert.are.equal("x\n", host.run({"exec", of, "--", "echo", "x"}).out)
  end)

  it("sets environment, user and directory", function()
    local result = host.run {"exec", "-e", "A=1=2", "--env", "B=", "-u", "7:8", "-w", "/tmp", of, "sh", "-c",
      "echo $A,${B-unset},$(id -u):$(id -g),$PWD"}
    assert.are.same({0, "1=2,,7:8,/tmp\n", ""}, {result.code, result.out, result.err})
  end)

  it("passes standard input on with -i", function()
    assert.are.equal("b\na\n", host.run({"exec", "-i", of, "cat"}, {stdin = "b\na\n"}).out)
    assert.are.equal("", host.run({"exec", of, "cat"}, {stdin = "unread"}).out)
  end)

  it("takes one Ctrl-D for the end of what is typed on a terminal", function()
    local typed = "p=$(mktemp -u); mkfifo $p; exec 3<>$p; rm $p; printf 'moon\\n\\004' >&3; "
      .. "script -qec 'timeout --foreground 20 %s exec -i %s wc -c' /dev/null <&3"
    local result = host.shell(typed:format(host.binary, of))
    assert.are.equal(0, result.code)
    assert.matches("5\r\n$", result.out)
  end)

  it("refuses more standard input than it can hold, and runs nothing then", function()
    local words = {"exec", "-i", of, "sh", "-c", "echo ran"}
    local result = host.run(words, {stdin = ("x"):rep((16 << 20) + 1)})
    assert.are.same({1, ""}, {result.code, result.out})
    assert.matches("^moontide: exec: standard input is longer than 16 MiB; ", result.err)
  end)

  it("does not show what -e gave without a name", function()
    local result = host.run {"exec", "-e", "=hunter2", of, "ls"}
    assert.are.equal(2, result.code)
    assert.is_nil(result.err:find("hunter2", 1, true))
  end)

  it("prints one document with --json", function()
    local result = host.run {"--json", "exec", of, "sh", "-c", "echo x; exit 3"}
    assert.are.equal(3, result.code)
    assert.are.same({exit_code = 3, stdout = "x\n", stderr = ""}, cjson.decode(result.out))
  end)

  it("says what is wrong", function()
    assert.are.equal(3, host.run({"-H", "unix:///nosuch.sock", "exec", "x", "ls"}).code)
    assert.matches('container "nosuch"', host.run({"exec", "nosuch", "ls"}).err)
    for _, words in ipairs {{"exec"}, {"exec", of}, {"exec", "-e", "=x", of, "ls"}, {"exec", "-w", "tmp", of, "ls"}} do
      local result = host.run(words)
      assert.are.same({2, ""}, {result.code, result.out})
      assert.matches("^moontide exec: .*see moontide exec %-%-help\n$", result.err)
    end
  end)
end)

describe("moontide events", function()
  teardown(function() engine.clean(LABEL) end)

  it("prints what happens until it is interrupted", function()
    local of = name .. "-events"
    local result = interrupted("events --filter container=" .. of .. " --filter event=start --since 1m", "start",
      ([[%s eval 'mt.docker.run {image = "moontide/web", name = "%s", labels = {spec = "%s"}}' >/dev/null]]):format(
        program, of, LABEL))
    assert.matches("^code 130\n%d+%-%d%d%-%d%d [%d:]+ container start " .. of:gsub("%-", "%%-")
      .. " %(moontide/web%)\n$", result.out)
  end)

  it("prints a line of JSON for each with --json", function()
    local out = interrupted("events --json --since 10m --filter label=spec=" .. LABEL, "create").out
    local line = cjson.decode(out:match "^code 130\n([^\n]+)")
    assert.are.same({"container", "create"}, {line.type, line.action})
  end)

  it("says what is wrong", function()
    assert.are.equal(3, host.run({"-H", "unix:///nosuch.sock", "events"}).code)
    for _, words in ipairs {{"events", "--filter", "start"}, {"events", "--filter", "tpye=container"},
      {"events", "--since", "soon"}, {"events", "x"}} do
      local result = host.run(words)
      assert.are.same({2, ""}, {result.code, result.out})
      assert.matches("^moontide events: .*see moontide events %-%-help\n$", result.err)
    end
  end)
end)

describe("moontide pull", function()
  local hub, image

  setup(function()
    assert.are.equal(0, host.shell("scripts/images.sh build layers").code)
    hub = registry.start()
    hub:push("moontide/layers", "cmd-streams:1")
    engine.api("DELETE", "/images/moontide/layers")
    image = hub:name "cmd-streams:1"
  end)

  before_each(function() engine.api("DELETE", "/images/" .. image) end)

  teardown(function()
    engine.api("DELETE", "/images/" .. image)
    hub:stop()
  end)

  it("prints a line for each step where there is no terminal", function()
    local result = host.run {"pull", image}
    assert.are.same({0, ""}, {result.code, result.err})
    assert.matches("\n%x+: Pull complete\n", result.out)
    assert.matches("\nStatus: Downloaded newer image for " .. image:gsub("%p", "%%%0") .. "\n$", result.out)
    assert.is_nil(result.out:find("\27", 1, true))
    local _, lines = result.out:gsub("\n", "")
    assert.is_true(lines < 40, result.out)
  end)

  it("draws a line for each layer on a terminal, no wider than it is", function()
    local result = host.shell(("script -qec 'stty cols 60 rows 30; %s pull %s' /dev/null"):format(host.binary, image))
    local layers = {}
    for id in result.out:gmatch("\27%[2K(%x+)") do layers[id] = true end
    for id in pairs(layers) do
      assert.is_truthy(result.out:find(id .. "  Pull complete\r\n") or result.out:find(id .. "  Already exists\r\n"), id)
    end
    assert.truthy(next(layers))
    for line in result.out:gsub("\27%[[%d]*%a", ""):gmatch("[^\r\n]+") do
      assert.is_true(utf8.len(line) < 60 or line:find("^%a+: ") ~= nil, line)
    end
    assert.matches("Status: Downloaded newer image", result.out)
  end)

  it("prints a line of JSON for each step with --json", function()
    local rows = 0
    for line in host.run({"pull", "--json", image}).out:gmatch("[^\n]+") do
      assert.is_string(cjson.decode(line).status)
      rows = rows + 1
    end
    assert.is_true(rows > 3)
  end)

  it("says what is wrong", function()
    local result = host.run {"pull", "127.0.0.1:1/nosuch"}
    assert.are.equal(1, result.code)
    assert.matches("^moontide: docker%.pull: .*127%.0%.0%.1:1", result.err)
    assert.are.equal(3, host.run({"-H", "unix:///nosuch.sock", "pull", "x"}).code)
    local bad = host.run {"pull", "BAD"}
    assert.are.equal(2, bad.code)
    assert.matches("^moontide pull: argument \"image\".*lower case", bad.err)
  end)
end)

-- A terminal of that size, as far as progress needs one: what stands on it.
local function screen(columns, rows)
  local self = {lines = {}, at = 1, clock = 0}
  local function write(text)
    local at = 1
    while at <= #text do
      local count, code, stop = text:match("^\27%[(%d*)([AKJ])()", at)
      local line, line_stop = text:match("^([^\27\r\n]*)\n()", at)
      if code == "A" then self.at = self.at - tonumber(count) end
      if code == "J" then for i = #self.lines, self.at, -1 do self.lines[i] = nil end end
      if line then self.lines[self.at], self.at = line, self.at + 1 end
      at = stop or line_stop or at + 1
    end
  end
  self.picture = progress.new(write, function() return self.clock end, function() return columns, rows end)
  return self
end

describe("The picture of a pull", function()
  local MIB = 1 << 20

  it("has a line for each layer, which is redrawn in place", function()
    local terminal = screen(100, 24)
    for step, row in ipairs {
      {id = "aaa", status = "Pulling fs layer"}, {id = "bbb", status = "Pulling fs layer"},
      {id = "aaa", status = "Downloading", current = 5 * MIB, total = 10 * MIB},
      {id = "aaa", status = "Pull complete"}, {id = "bbb", status = "Downloading", current = MIB, total = 4 * MIB},
    } do
      terminal.clock = step
      terminal.picture:add(row)
    end
    terminal.picture:finish()
    assert.are.same({
      "aaa           Pull complete",
      "bbb           Downloading           1.0 MiB / 4.0 MiB      [=======                       ]",
    }, terminal.lines)
  end)

  it("is not drawn more than ten times a second, and at the end as it is", function()
    local count, clock = 0, 100
    local picture = progress.new(function() count = count + 1 end, function() return clock end, function() return 80, 24 end)
    for current = 1, 1000 do
      picture:add {id = "a", status = "Downloading", current = current, total = 1000}
      clock = clock + 0.001
    end
    assert.is_true(count >= 9 and count <= 11, tostring(count))
    picture:add {id = "a", status = "Pull complete"}
    picture:finish()
    assert.is_true(count >= 10 and count <= 12)
  end)

  it("fits every width", function()
    for width = 10, 200, 7 do
      for _, row in ipairs {{id = "0123456789ab", status = ("x"):rep(300)}, {status = "Status: ñ…"},
        {id = "a", status = "Extracting", current = 12345678901, total = 99999999999}, {id = "a", status = "s", current = 1}} do
        local line = progress.line_of(row, width)
        assert.is_true(utf8.len(line) <= width)
        assert.are.equal(line:find("[", 1, true) ~= nil, line:find("]", 1, true) ~= nil, line)
      end
    end
  end)

  it("puts what concerns no layer above the layers", function()
    local terminal = screen(80, 24)
    for step, row in ipairs {{status = "Pulling from x"}, {id = "aaa", status = "Downloading"}, {status = "Digest: sha256:1"},
      {id = "aaa", status = "Pull complete"}} do
      terminal.clock = step
      terminal.picture:add(row)
    end
    assert.are.same({"Pulling from x", "Digest: sha256:1", "aaa           Pull complete"}, terminal.lines)
  end)

  it("never draws more lines than the terminal has", function()
    local terminal = screen(80, 5)
    for i = 1, 20 do
      terminal.clock = i
      terminal.picture:add {id = "layer" .. i, status = "Waiting"}
    end
    assert.is_true(terminal.picture.drawn <= 4)
  end)

  it("shows no byte that drives the terminal", function()
    assert.is_nil(progress.line_of({id = "\27[2J", status = "a\27b"}, 80):find("\27", 1, true))
  end)
end)
