-- What a script finds around it, and how signals and streams end it.
local host = require "spec.support.host"

local function prints(lines, code, options)
  local result = host.script(code, options)
  assert.are.same({0, table.concat(lines, "\n") .. "\n", ""}, {result.code, result.out, result.err})
end

local function in_directory(files, command)
  local directory = host.shell("mktemp -d").out:gsub("\n", "")
  for name, text in pairs(files) do
    local path = directory .. "/" .. name
    host.shell("mkdir -p " .. path:match("^(.*)/"))
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
  local result = host.shell(("cd %s && %s"):format(directory, command:gsub("MT", host.binary)))
  host.shell("rm -r " .. directory)
  return result
end

describe("a script", function()
  it("has its arguments in arg and ..., options among them too", function()
    prints({"2\ta\t-v", "a\t-v"}, [[print(#arg, arg[1], arg[2]) print(...)]], {arguments = {"a", "-v"}})
  end)

  it("has mt, which is require 'moontide'", function()
    prints({"true"}, [[print(mt == require "moontide")]])
  end)

  it("may begin with a shebang line or a byte order mark, and have CRLF", function()
    prints({"2"}, "#!/usr/bin/env moontide\nprint(debug.getinfo(1, 'l').currentline)")
    prints({"1"}, "\239\187\191print(1)\r\n")
  end)

  it("runs by its name, with and without a directory", function()
    local result = in_directory({["s/x.lua"] = "print(arg[0])"}, "MT s/x.lua; cd s; MT x.lua; echo 'print(1)' | MT run -")
    assert.are.same({0, "s/x.lua\nx.lua\n1\n"}, {result.code, result.out})
  end)

  it("requires modules from its own directory, not from where the operator is", function()
    local files = {["s/x.lua"] = "print(pcall(require, ...))", ["s/beside.lua"] = "return 'beside'", ["here.lua"] = "return 1"}
    local result = in_directory(files, "MT s/x.lua beside; MT s/x.lua here")
    assert.matches("^true\tbeside\t[^\n]*\nfalse\tmodule 'here' not found", result.out)
  end)

  it("that cannot be compiled ends with 4, its line, and no traceback", function()
    local result = host.script("local x = 1\nif x then")
    assert.are.equal(4, result.code)
    assert.matches("^moontide: [^\n]*%.lua:2: 'end' expected near <eof>\n$", result.err)
  end)

  it("is text", function()
    local result = in_directory({["make.lua"] = "io.open('b.lua', 'wb'):write(string.dump(function() end))"},
      "MT make.lua; MT b.lua")
    assert.are.equal(4, result.code)
    assert.matches("b%.lua: binary chunks are not allowed", result.err)
    prints({"nil\tattempt to load a binary chunk (mode is 't')"}, "print(load(string.dump(print and function() end), 'x', 'b'))")
  end)

  it("that raises tells where, up to its own main chunk", function()
    local result = host.script("local function f() error('no') end\nf()")
    assert.are.equal(4, result.code)
    assert.matches("%.lua:1: no\nstack traceback:\n\t%[C%]: in function 'error'\n.-in main chunk\n$", result.err)
  end)

  it("ends with what os.exit says, after its closers", function()
    for code, argument in pairs {[0] = "true", [1] = "false", [7] = "7"} do
      local result = host.script(([[
        local _ <close> = setmetatable({}, {__close = function() print("closed") end})
        pcall(os.exit, %s)
        print("never")
      ]]):format(argument))
      assert.are.same({code, "closed\n", ""}, {result.code, result.out, result.err})
    end
  end)

  it("has a clock", function()
    prints({"true\ttrue\ttrue"}, [[
      local before = os.time()
      local now = mt.now()
      print(math.type(before) == "integer" and now - before < 5, os.clock() >= 0, #os.date("%Y") == 4)
    ]])
  end)

  it("meets its memory limit as an error", function()
    prints({"false\tnot enough memory", "goes on"}, [[
      print(pcall(string.rep, "x", 100 << 20))
      print("goes on")
    ]], {before = {"--memory-limit", "32m"}})
  end)
end)

describe("a stream", function()
  it("that is full is an error at the end", function()
    local result = host.shell(host.binary .. " eval 1 > /dev/full")
    assert.are.equal(1, result.code)
    assert.matches("^moontide: cannot write to standard output: [^\n]*disk full%?\n$", result.err)
  end)

  it("that nobody reads any more ends quietly", function()
    local result = host.shell("(" .. host.binary .. " eval 'for i = 1, 1e4 do print(i) mt.sleep(0) end'; echo $? >&2) | head -1")
    assert.are.same({"1\n", "141\n"}, {result.out, result.err})
  end)

  it("that is closed harms nothing", function()
    assert.are.equal(0, host.shell(host.binary .. " eval 'io.read()' <&-").code)
    assert.are.equal(3, host.shell(host.binary .. " -H unix:///nosuch ps 2>&-").code)
  end)
end)

describe("a signal", function()
  -- Runs the script, sends the signals one by one, each after a further line of its output.
  local function signalled(code, signals)
    local script, out = host.file(code, ".lua"), os.tmpname()
    local sends = {}
    for i, signal in ipairs(signals) do
      sends[#sends + 1] = ("until [ $(wc -l < %s) -ge %d ]; do kill -0 $pid || exit 99; done; kill -%s $pid"):format(out, i,
        signal)
    end
    local result = host.shell(("%s run %s > %s & pid=$!; %s; wait $pid"):format(host.binary, script, out,
      table.concat(sends, "; ")))
    local file = assert(io.open(out))
    result.out = file:read("a")
    file:close()
    os.remove(out)
    os.remove(script)
    return result
  end

  local WAITING = [[
    local _ <close> = setmetatable({}, {__close = function() print("closed") end})
    io.stdout:setvbuf("line")
    print("ready")
    mt.sleep("1h")
  ]]

  it("ends a script in order, with 128 and its number", function()
    for signal, code in pairs {INT = 130, TERM = 143} do
      local result = signalled(WAITING, {signal})
      assert.are.same({code, "ready\nclosed\n"}, {result.code, result.out})
    end
  end)

  it("ends a script that lives by its timers with 0", function()
    local result = signalled([[io.stdout:setvbuf("line") mt.every("1ms", function() print("tick") end)]], {"TERM"})
    assert.are.equal(0, result.code)
  end)

  it("ends at once when it is the second one", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      mt.spawn(function()
        local _ <close> = setmetatable({}, {__close = function()
          mt.spawn(function() print("cleaning") mt.sleep("1h") end)
        end})
        mt.sleep("1h")
      end)
      print("ready")
      mt.sleep("1h")
    ]], {"INT", "INT"})
    assert.are.same({130, "ready\ncleaning\n"}, {result.code, result.out})
  end)
end)
