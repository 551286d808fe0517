-- moontide.c.child: programs that the library runs and waits for.

local host = require "spec.support.host"

-- What the script prints; it fails unless it ends well, and says nothing else.
local function output(code)
  local result = host.script('local child = require "moontide.c.child"\n' .. code)
  assert.are.same({0, ""}, {result.code, result.err})
  return result.out
end

-- Whether a process with that number is there, once it is not or 5 s have passed.
local function is_there(pid)
  return host.shell(("for i in $(seq 500); do kill -0 %d 2>/dev/null || exit 1; sleep 0.01; done"):format(pid)).code == 0
end

describe("a program that is run", function()
  it("gets its arguments and its input, and gives its output, errors and exit code", function()
    assert.are.equal("3\t0\thello $HOME *\tsaid\n", output [[
      local r = assert(child.run{argv = {"sh", "-c", "cat; printf ' %s' \"$1\"; printf said >&2; exit 3", "sh", "$HOME *"},
        input = "hello"})
      print(r.code, r.signal, r.out, r.err)]])
  end)

  it("may be ended by a signal", function()
    assert.are.equal("-1\t15\n", output 'local r = child.run{argv = {"sh", "-c", "kill $$"}} print(r.code, r.signal)')
  end)

  it("holds up only the task that waits for it", function()
    assert.are.equal("tick\ntick\nended\n", output [[
      mt.spawn(function() for _ = 1, 2 do mt.sleep(0.01) print "tick" end end)
      child.run{argv = {"sleep", "0.5"}} print "ended"]])
  end)

  it("need not read what it is given", function()
    assert.are.equal("0\n", output [[print(child.run{argv = {"true"}, input = ("x"):rep(5000000)}.code)]])
  end)

  it("may write much, byte by byte the same", function()
    assert.are.equal("true\n", output [[
      local text = ("\0\255line\n"):rep(100000)
      print(child.run{argv = {"cat"}, input = text, max_output = #text}.out == text)]])
  end)

  it("has no descriptor of the script's", function()
    assert.are.equal("0\n1\n2\n3\n\n", output [[
      local file <close> = assert(io.open("/dev/null"))
      print(child.run{argv = {"ls", "/proc/self/fd"}}.out)]])
  end)
end)

describe("a program that is run fails", function()
  it("when there is none of that name", function()
    assert.are.equal("not_found\top: cannot run moontide-none: there is no such program; install it, or correct its " ..
      "name or PATH\n", output [[local _, err = child.run{argv = {"moontide-none"}, op = "op"} print(err.kind, err)]])
  end)

  it("when it may not be run", function()
    local path = host.file("")
    assert.are.equal("denied\n", output(([[print(select(2, child.run{argv = {%q}}).kind)]]):format(path)))
    os.remove(path)
  end)

  it("after its time, with what it has started", function()
    local kind, pid = output([[
      local file = os.tmpname()
      local _, err = child.run{argv = {"sh", "-c", "sleep 1000 & echo $! >" .. file .. "; wait"}, timeout = 0.3}
      print(err.kind, io.open(file):read("a")) os.remove(file)]]):match("^(%S+)\t(%d+)")
    assert.are.equal("timeout", kind)
    assert.is_false(is_there(tonumber(pid)))
  end)

  it("when it floods", function()
    assert.are.equal("transport\trun: cannot run yes: it writes more than is accepted; see what it writes\n",
      output [[local _, err = child.run{argv = {"yes"}, max_output = 1000} print(err.kind, err)]])
  end)
end)

describe("a program that is run ends with", function()
  local TASK = [[
    local file = os.tmpname()
    local task = mt.spawn(child.run, {argv = {"sh", "-c", "sleep 1000 & echo $! $$ >" .. file .. "; wait"}})
    local pids
    repeat mt.sleep(0.01) pids = io.open(file):read("a") until pids:find("\n")
    os.remove(file)
    print(pids) ]]

  for name, code in pairs {
    ["its task"] = TASK .. [[task:cancel()
      for pid in pids:gmatch "%d+" do
        while os.execute(("kill -0 %d 2>/dev/null"):format(pid)) do mt.sleep(0.01) end
      end
      os.exit(0)]],
    ["the script"] = TASK .. "os.exit(0)",
  } do
    it(name, function()
      local pids = {}
      for pid in output(code):gmatch("%d+") do pids[#pids + 1] = tonumber(pid) end
      assert.are.equal(2, #pids)
      for _, pid in ipairs(pids) do assert.is_false(is_there(pid)) end
    end)
  end
end)
