-- How a script and the program end, and what they leave.
local host = require "spec.support.host"

local function ends_with(code, result)
  assert.are.equal(code, result.code, result.err)
  return result
end

describe("at the end", function()
  it("files that a script has left open are written", function()
    local path = os.tmpname()
    ends_with(0, host.script(("file = io.open(%q, 'w') file:write('kept')"):format(path)))
    local file = assert(io.open(path))
    local text = file:read("a")
    file:close()
    os.remove(path)
    assert.are.equal("kept", text)
  end)

  it("os.exit decides, also after a task has failed", function()
    local result = ends_with(0, host.script [[
      mt.spawn(error, "nobody takes this")
      mt.sleep(0.01)
      os.exit(0)
    ]])
    assert.matches("nobody takes this", result.err)
  end)

  it("what is still there after the grace is closed too, and may spawn no more", function()
    local result = host.script([[
      local function closer(fn) return setmetatable({}, {__close = fn}) end
      mt.spawn(function()
        local _ <close> = closer(function()
          mt.spawn(function()
            local _ <close> = closer(function() print("closed", pcall(mt.spawn, print)) end)
            mt.sleep("1h")
          end)
        end)
        mt.sleep("1h")
      end)
      mt.sleep(0)
      os.exit(3)
    ]], {timeout = 20})
    ends_with(3, result)
    assert.matches("^closed\tfalse\t.*the program is ending", result.out)
  end)

  it("closers that are slow, one after the other, are not taken for one that is stuck", function()
    local result = host.script([[
      local slow = {}
      for i = 1, 15 do
        slow[i] = function()
          local _ <close> = setmetatable({}, {__close = function() while true do end end})
          mt.sleep("1h")
        end
      end
      slow[#slow + 1] = function() mt.sleep(0.01) return "won" end
      print(mt.race(slow))
    ]], {before = {"--script-budget", "100ms"}, timeout = 20})
    assert.are_not.equal(70, result.code, result.err)
  end)
end)

describe("a timer", function()
  it("that is stopped before its task has run does nothing", function()
    local result = ends_with(0, host.script [[
      mt.after(0, function() print("after") end):stop()
      mt.every(0.001, function() print("every") end):stop()
      mt.sleep(0.02)
    ]])
    assert.are.equal("", result.out)
  end)

  it("that stops itself ends with the call that it is in", function()
    local result = ends_with(0, host.script [[
      local timer
      timer = mt.every(0.001, function() timer:stop() mt.sleep(0) print("once") end)
    ]])
    assert.are.equal("once\n", result.out)
  end)
end)

describe("the watchdog", function()
  it("watches also when its signal was left blocked by whoever started the program", function()
    local blocked = [[perl -e 'use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(34)); exec @ARGV or die' ]]
    local result = host.shell(blocked .. host.binary .. " --script-budget 100ms eval 'while true do end'")
    ends_with(4, result)
    assert.matches("script budget exceeded", result.err)
  end)

  it("waits for a script that is typed slowly", function()
    local result = host.shell("(cd ${TMPDIR:-/tmp}; mkfifo $$.p; (read line < $$.p; echo 'print(1)') | timeout 20 " .. host.binary
      .. " --script-budget 100ms run - & for i in 1 2 3 4; do " .. host.binary
      .. " --version; " .. host.binary .. " eval 'mt.sleep(0.05)'; done; echo go > $$.p; wait; rm $$.p)")
    ends_with(0, result)
    assert.matches("\n1\n$", result.out)
  end)

  it("does not keep a signal while it waits for somebody to type", function()
    for signal, code in pairs {INT = 130, TERM = 143} do
      local fifo = os.tmpname()
      local result = host.shell(([[
        rm -f '%s' && mkfifo '%s' || exit
        sleep 30 >'%s' &
        timeout --preserve-status -s %s -k 5 1 '%s' run - <'%s'; code=$?
        kill $!; exit $code]]):format(fifo, fifo, fifo, signal, host.binary, fifo))
      os.remove(fifo)
      assert.are.equal(code, result.code)
    end
  end)

  it("is set by an option in any place among the others", function()
    for _, options in ipairs {
      "-H unix:///x --script-budget 50ms", "--script-budget 50ms --host unix:///x", "--log-format json --script-budget=50ms",
    } do
      local result = host.shell(host.binary .. " " .. options .. " eval 'while true do end'")
      assert.matches("ran for 0%.05 s", result.err)
    end
  end)
end)

describe("a child process of a script", function()
  it("does not inherit that broken pipes are ignored", function()
    local result = ends_with(0, host.script [[print((io.popen("grep SigIgn /proc/self/status"):read("a")))]])
    local mask = tonumber(result.out:match("SigIgn:%s*(%x+)"), 16)
    assert.are.equal(0, mask & (1 << 12))
  end)
end)
