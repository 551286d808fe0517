-- Scripts in odd shapes, streams that fail, signals at bad moments; see script_spec.lua for the rest.
local host = require "spec.support.host"

local MT = host.binary

local function ends(code, result)
  assert.are.equal(code, result.code, result.err)
  return result
end

describe("a script's file", function()
  it("may be empty, a comment, or end without a line break", function()
    for _, text in ipairs {"", "-- nothing", "#!/usr/bin/env moontide", "#!x\n", "\239\187\191", "\239\187\191#!x"} do
      assert.are.same({0, "", ""}, (function(r) return {r.code, r.out, r.err} end)(host.script(text)))
    end
  end)

  it("keeps its line numbers behind a shebang and with CRLF", function()
    local result = ends(4, host.script("#!/usr/bin/env moontide\r\n\r\nerror('here')\r\n"))
    assert.matches("%.lua:3: here\n", result.err)
  end)

  it("may not be missing, a directory, unreadable as text, or binary", function()
    for message, command in pairs {
      ["cannot read the script: [^\n]*nosuch%.lua: No such file"] = "run /nosuch.lua",
      ["/nosuch%.lua: no such file; see moontide %-%-help\n"] = "/nosuch.lua",
      ["Is a directory"] = "run /",
      ["unexpected symbol near"] = "run /dev/stdin <<'X'\n\1\2\nX",
      ["stdin: binary chunks are not allowed"] = "run - <<'X'\n\27Lua\nX",
    } do
      local result = host.shell(MT .. " " .. command)
      assert.is_true(result.code == 4 or result.code == 2, command)
      assert.matches(message, result.err)
      local _, lines = result.err:gsub("\n", "")
      assert.are.equal(1, lines, "one line for people: " .. result.err)
    end
  end)

  it("is cut off nowhere by a zero byte", function()
    assert.are.equal("a\0b\n", ends(0, host.script("print('a\0b')")).out)
    assert.matches("%.lua:1: ", ends(4, host.script("\0")).err)
  end)

  it("tells of a syntax error by its own name, in standard input too", function()
    local result = ends(4, host.run({"run", "-"}, {stdin = "\n\nlocal = 1"}))
    assert.are.equal("moontide: stdin:3: <name> expected near '='\n", result.err)
  end)

  it("in standard input takes arguments, and leaves what follows the end of file alone", function()
    local result = ends(0, host.run({"run", "-", "a", "--json"}, {stdin = "print(arg[0], ...)"}))
    assert.are.equal("-\ta\t--json\n", result.out)
  end)

  it("is looked for beside nothing relative", function()
    local result = ends(0, host.script([[
      for _, field in ipairs {"path", "cpath"} do
        for entry in package[field]:gmatch("[^;]+") do
          if entry:sub(1, 1) ~= "/" then print(field, entry) end
        end
      end
    ]], {env = {LUA_PATH = "./?.lua;;", LUA_CPATH = "?.so;;"}}))
    assert.are.equal("", result.out)
  end)

  it("finds cjson without any file of it", function()
    local result = ends(0, host.script([[
      package.path, package.cpath = "", ""
      local cjson = require "cjson"
      print(cjson.encode {a = {1, 2}}, cjson.decode("[1.5]")[1])
    ]]))
    assert.are.equal('{"a":[1,2]}\t1.5\n', result.out)
  end)

  it("that fails to load a module says which, and where it looked", function()
    local result = ends(4, host.script('require "no.such"'))
    assert.matches("%.lua:1: module 'no%.such' not found:\n", result.err)
    assert.matches("no file '/[^\n]*/no/such%.lua'", result.err)
  end)
end)

describe("os.exit", function()
  it("takes any whole number, and nothing, as the shell does", function()
    for argument, code in pairs {[""] = 0, ["0"] = 0, ["255"] = 255, ["256"] = 0, ["-1"] = 255, ["3.0"] = 3} do
      assert.are.equal(code, host.script(("os.exit(%s)"):format(argument)).code, argument)
    end
  end)

  it("refuses what is no code, and the script goes on", function()
    local result = ends(0, host.script([[print((pcall(os.exit, "x")))]]))
    assert.are.equal("false\n", result.out)
  end)

  it("ends every task in order, whoever calls it", function()
    local result = ends(5, host.script([[
      local function closer(text) return setmetatable({}, {__close = function() print(text) end}) end
      local _ <close> = closer("script")
      mt.spawn(function() local _ <close> = closer("task") mt.sleep("1h") end)
      mt.after("1ms", function() os.exit(5) end)
      mt.sleep("1h")
    ]]))
    local lines = {}
    for line in result.out:gmatch("[^\n]+") do lines[#lines + 1] = line end
    table.sort(lines)
    assert.are.same({"script", "task"}, lines)
  end)

  it("writes what was printed", function()
    assert.are.equal(("x"):rep(10000), ends(1, host.script([[io.write(("x"):rep(10000)) os.exit(false)]])).out)
  end)
end)

describe("a stream that fails", function()
  it("is told of also when much was written and the script went on", function()
    for _, code in ipairs {
      "for i = 1, 1e4 do print(i) end", [[io.write(("x"):rep(1e6))]], [[io.stdout:setvbuf("no") print(1)]],
    } do
      local result = host.shell(("%s eval '%s' > /dev/full"):format(MT, code))
      ends(1, result)
      assert.matches("^moontide: cannot write to standard output: ", result.err)
    end
  end)

  it("does not hide a script's own failure", function()
    local result = ends(4, host.shell(MT .. [[ eval 'print(1) error("own")' > /dev/full]]))
    assert.matches("own\n", result.err)
  end)

  it("and is closed is told of when something is printed, and only then", function()
    assert.are.equal("", ends(0, host.shell(MT .. " eval 'local x = 1' >&-")).err)
    assert.matches("^moontide: cannot write to standard output: ", ends(1, host.shell(MT .. " eval 'print(1)' >&-")).err)
  end)

  it("is never another one: what is closed is not taken by a socket or a file", function()
    local target = os.tmpname()
    local code = ([[local f = io.open("%s", "w") print("lost") f:write("kept") f:close()]]):format(target)
    local result = host.shell(("%s eval '%s' >&-; cat %s"):format(MT, code, target))
    os.remove(target)
    assert.are.equal("kept", result.out)
  end)

  it("that cannot be read is nil, why for the script", function()
    assert.matches("^nil", ends(0, host.shell(MT .. " eval 'print(io.read())' <&-")).out)
    assert.matches("^nil", ends(0, host.shell(MT .. " eval 'print(io.read())' </dev/null")).out)
    assert.matches("^nil\tIs a directory", ends(0, host.shell(MT .. " eval 'print(io.read(1))' </")).out)
  end)

  it("is quiet when the reader has left", function()
    local code = [[while true do io.write(("x"):rep(1e4)) mt.sleep(0) end]]
    local result = host.shell(("(%s eval '%s'; echo $? >&2) | head -c 5"):format(MT, code))
    assert.are.same({"xxxxx", "141\n"}, {result.out, result.err})
  end)
end)

describe("a signal", function()
  -- Runs the script; sends a signal for each line that the script prints, until there are no more.
  local function signalled(code, ...)
    local script, out = host.file(code, ".lua"), os.tmpname()
    local sends = {}
    for i, signal in ipairs {...} do
      sends[i] = ("until [ $(wc -l < %s) -ge %d ]; do kill -0 $pid || exit 99; done; kill -%s $pid"):format(out, i, signal)
    end
    local result = host.shell(("%s run %s > %s & pid=$!; %s; wait $pid"):format(MT, script, out,
      table.concat(sends, "; ")))
    local file = assert(io.open(out))
    result.out = file:read("a")
    file:close()
    os.remove(out)
    os.remove(script)
    return result
  end

  it("lets closers spawn what cleans up, and waits for it", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      local _ <close> = setmetatable({}, {__close = function()
        mt.spawn(function() mt.sleep("10ms") print("cleaned up") end)
      end})
      print("ready")
      mt.sleep("1h")
    ]], "TERM")
    assert.are.same({143, "ready\ncleaned up\n", ""}, {result.code, result.out, result.err})
  end)

  it("ends what computes, at its next wait", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      print("ready")
      while true do
        for _ = 1, 1e4 do end
        mt.sleep(0)
      end
    ]], "INT")
    assert.are.same({130, "ready\n", ""}, {result.code, result.out, result.err})
  end)

  it("cannot be caught by pcall", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      print("ready")
      while true do pcall(mt.sleep, "1ms") end
    ]], "TERM")
    assert.are.same({143, "ready\n", ""}, {result.code, result.out, result.err})
  end)

  it("ends every task of a script that has returned, with 0", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      for i = 1, 3 do
        mt.spawn(function()
          local _ <close> = setmetatable({}, {__close = function() print("closed " .. i) end})
          mt.sleep("1h")
        end)
      end
      mt.after("1ms", function() print("ready") end)
    ]], "INT")
    assert.are.same({0, "ready\nclosed 1\nclosed 2\nclosed 3\n", ""}, {result.code, result.out, result.err})
  end)

  it("ends at once when it is the second, and closes nothing more", function()
    local result = signalled([[
      io.stdout:setvbuf("line")
      local _ <close> = setmetatable({}, {__close = function()
        mt.spawn(function()
          local _ <close> = setmetatable({}, {__close = function() print("never") end})
          print("cleaning up")
          mt.sleep("1h")
        end)
      end})
      print("ready")
      mt.sleep("1h")
    ]], "TERM", "INT")
    assert.are.same({130, "ready\ncleaning up\n", ""}, {result.code, result.out, result.err})
  end)

  it("ends eval too", function()
    local result = host.shell(([[
      out=$(mktemp); trap 'rm $out' EXIT
      %s eval 'io.stdout:setvbuf("line") print("ready") mt.sleep("1h")' > $out & pid=$!
      until grep -q ready $out; do kill -0 $pid || exit 99; done
      kill -TERM $pid; wait $pid]]):format(MT))
    assert.are.equal(143, result.code)
  end)
end)
