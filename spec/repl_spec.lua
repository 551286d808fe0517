-- The prompt, as somebody who sits at a terminal sees it, and as a program that writes into it.
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local pty = require "spec.support.pty"

local LABEL = "repl-spec"

-- A home of its own, without a history.
local function new_home()
  local path = os.tmpname()
  os.remove(path)
  assert.are.equal(0, host.shell("mkdir -p '" .. path .. "'").code)
  return path
end

local function history_of(home)
  local file = io.open(home .. "/.local/state/moontide/history")
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

describe("The prompt", function()
  local home, terminal

  before_each(function() home = new_home() end)

  after_each(function()
    if terminal then terminal:close() end
    terminal = nil
    host.shell("rm -rf '" .. home .. "'")
  end)

  -- The program at its first prompt.
  local function start(options, arguments)
    options = options or {}
    options.env = options.env or {}
    options.env.HOME = options.env.HOME or home
    options.env.XDG_STATE_HOME = options.env.XDG_STATE_HOME or false
    options.env.LC_ALL = "C.UTF-8"
    options.columns = options.columns or 120
    terminal = pty.start(arguments or {"repl"}, options)
    return terminal:prompt()
  end

  local function leave(code)
    terminal:type "\4"
    assert.are.equal(code or 0, terminal:ended())
    assert.is_true(terminal:is_restored())
  end

  -- What stands between the line that was entered and the prompt after it.
  local function answer(line)
    local text = "\n" .. terminal:enter(line):text()
    local _, last = text:find("\n> " .. line:gsub("%p", "%%%0") .. "\n?")
    while true do
      local _, later = text:find("\n> " .. line:gsub("%p", "%%%0") .. "\n?", last)
      if not later then break end
      last = later
    end
    return (text:sub(last + 1):gsub("\n?>$", ""))
  end

  it("prints expressions, keeps globals, and _ is the last value", function()
    start()
    assert.are.equal("2", answer "1 + 1")
    assert.are.equal("", answer "x = 20")
    assert.are.equal("22", answer "x + _")
    assert.are.equal("22      nil     text", answer "_, nil, 'text'")
    assert.are.equal("", answer "local y = 1")
    assert.are.equal("nil", answer "y")
    assert.are.equal("", answer "(function() end)()")
    assert.are.equal("{a = 1}", answer "{a = 1}")
    assert.are.equal("mt.sleep(duration?)", answer "mt.sleep")
    assert.are.equal("nil     error (invalid): docker.connect: it is so", answer(
      "nil, require('moontide.core.errors').new('invalid', 'docker.connect', 'it is so')"))
    assert.are.equal("invalid", answer "_.kind")
    leave()
  end)

  it("goes on over several lines", function()
    start()
    terminal:type "for i = 1, 2 do\r":ends "\n> for i = 1, 2 do\n>>"
    terminal:type "  print('line ' .. i)\r":ends "'line ' .. i)\n>>"
    terminal:type "end\r":prompt()
    assert.matches("\n>> end\nline 1\nline 2\n>$", terminal:text())
    terminal:type "x = {\r":ends "x = {\n>>"
    terminal:type "\3":ends "\n>> ^C\n>"
    assert.are.equal("nil", answer "x")
    leave()
  end)

  it("shows errors from the user's line on, and goes on", function()
    start()
    assert.are.equal("stdin:1: boom\nstack traceback:\n        [C]: in function 'error'\n        stdin:1: in main chunk",
      answer "error 'boom'")
    assert.matches("^stdin:1: attempt to index a nil value %(global 'nothing'%)\nstack traceback:\n *stdin:1: in ",
      answer "nothing.x")
    assert.matches("^stdin:1: syntax error near 'y'$", answer "x y")
    assert.matches("^stdin:1: .*\n *stdin:1: in .*function 'f'", answer "function f() error('deep') end f()")
    assert.are.equal('unknown command ":tme" (did you mean "time"?)', answer ":tme 1")
    leave()
  end)

  it("shows above the line what is printed meanwhile, and draws the line again", function()
    start {columns = 40}
    terminal:type "n = 0 t = mt.every(0.05, function() n = n + 1 print('tick ' .. n) end)\r"
    local function ticked(number) -- what has scrolled away counts, too
      terminal:wait_until("tick " .. number, function()
        return tonumber(terminal:text():match ".*\ntick (%d+)\n" or 0) >= number
      end)
      return tonumber(terminal:text():match ".*\ntick (%d+)\n")
    end
    terminal:type "return 'a long line that needs more than one row'"
    local seen = ticked(3)
    terminal:ends "\n> return 'a long line that needs more th\nan one row'"
    terminal:type "\1\6\6X"
    ticked(seen + 2)
    terminal:ends "\n> reXturn 'a long line that needs more t\nhan one row'"
    terminal:type "\8":ends "\n> return 'a long line that needs more th\nan one row'"
    terminal:type "\21":ends "\n>"
    terminal:enter "t:stop()"
    assert.are.equal("no end of linenil", answer "io.write 'no end of line' and nil")
    leave()
  end)

  it("shows every kind of message above the line", function()
    start()
    terminal:type("mt.after(0.1, function() mt.log.warn('logged') io.stderr:write('on stderr\\n') io.write('written\\n')"
      .. " warn '@on' warn 'warned' error 'uncaught' end) return 0\r"):shows "\n0\n>"
    terminal:type "typed":shows "\nmoontide: stdin:1: uncaught"
    terminal:prompt "typed"
    local text = terminal:text()
    for _, words in ipairs {"WARN  logged\n", "\non stderr\n", "\nwritten\n", "\nmoontide: warning: warned\n",
      "\nmoontide: stdin:1: uncaught\n"} do
      assert.truthy(text:find(words, 1, true), words .. text)
    end
    assert.falsy(text:find("> typed\n", 1, true), text)
    terminal:type "\21"
    leave()
  end)

  it("cancels what runs at Ctrl-C, and what that has begun, and nothing else", function()
    start()
    assert.are.equal("", answer "other = mt.spawn(mt.sleep, 100) other = {other:status(), other}":gsub("{.*", ""))
    terminal:type("mt.spawn(function() local _ <close> = setmetatable({}, {__close = function() print 'child closed' end})"
      .. " mt.sleep(100) end) print 'it runs' mt.sleep(100)\r"):shows "\nit runs"
    terminal:type "\3":shows "interrupted\n>"
    assert.truthy(terminal:text():find("child closed\n", 1, true))
    assert.are.equal("waiting", answer "other[2]:status()")
    terminal:type "some text":prompt "some text"
    terminal:type "\3":ends "> some text^C\n>"
    assert.are.equal("1", answer "1")
    leave()
  end)

  it("ends an endless loop by its budget, and goes on", function()
    start(nil, {"repl", "--script-budget", "100ms"})
    assert.matches("^stdin:1: script budget exceeded", answer "while true do end")
    assert.matches("script budget exceeded", answer "setmetatable({}, {__tostring = function() while true do end end})")
    assert.are.equal("1", answer "1")
    leave()
  end)

  it("cancels at Ctrl-C what never waits, also when it has a long budget", function()
    start(nil, {"repl", "--script-budget", "1000s"})
    terminal:type "print 'it runs' while true do pcall(function() while true do end end) end\r":shows "\nit runs"
    terminal:type "\3":shows "interrupted\n>"
    terminal:type "print 'spawned' mt.spawn(function() while true do end end):join()\r":shows "\nspawned"
    terminal:type "\3"
    terminal:wait_until("two interruptions", function() return terminal:text():find("interrupted.*interrupted\n>") end)
    assert.are.equal("1", answer "1")
    leave()
  end)

  it("reads for those who ask, as long as it takes", function()
    start(nil, {"repl", "--script-budget", "50ms"})
    terminal:type "asked = io.read()\r":shows "io.read()"
    local since = pty.now()
    terminal:wait_until("more than twenty budgets", function() return pty.now() - since > 1.2 end)
    terminal:enter "an answer"
    assert.are.equal("an answer", answer "asked")
    terminal:type "print 'it asks' again = io.read()\r":shows "\nit asks"
    terminal:type "\3":shows "interrupted\n>"
    assert.are.equal("an answer", answer "asked")
    leave()
  end)

  it("survives the memory limit #slow", function()
    start(nil, {"repl", "--memory-limit", "16m", "--script-budget", "30s"})
    assert.matches("not enough memory", answer "t = {} for i = 1, 1e9 do t[i] = {} end")
    terminal:enter "t = nil"
    assert.are.equal("1", answer "1")
    leave()
  end)

  it("ends all tasks in order at Ctrl-D, as at :quit", function()
    for _, keys in ipairs {"\4", ":quit\r"} do
      start()
      terminal:enter("mt.spawn(function() local _ <close> = setmetatable({}, {__close = function() print 'closed' end})"
        .. " mt.sleep(100) end)")
      terminal:type(keys)
      assert.are.equal(0, terminal:ended())
      assert.matches("\nclosed$", terminal:text())
      assert.is_true(terminal:is_restored())
      terminal:close()
    end
  end)

  it("leaves the terminal as it was, however it ends", function()
    local function sleeper() terminal:enter("mt.spawn(function() mt.sleep(100) end)") end
    start()
    sleeper()
    terminal:kill(15)
    assert.are.equal(143, terminal:ended())
    assert.is_true(terminal:is_restored())
    terminal:close()
    for line, code in pairs {
      ["mt.after(0.05, function() os.exit(7) end)"] = 7,
      ["mt.after(0.05, function() ('x'):rep(2000):find(('.-'):rep(30) .. 'y') end)"] = 70,
    } do
      start(nil, {"repl", "--script-budget", "200ms"})
      terminal:type(line .. "\r")
      assert.are.equal(code, terminal:ended())
      assert.is_true(terminal:is_restored())
      terminal:close()
    end
    start()
    terminal:type "os.exit(3)\r"
    assert.are.equal(3, terminal:ended())
    assert.is_true(terminal:is_restored())
    terminal:close()
    start()
    terminal:type "\28" -- SIGQUIT
    assert.are.equal(131, terminal:ended())
    assert.is_true(terminal:is_restored())
  end)

  it("ends in order when the terminal goes away", function()
    start()
    local path = os.tmpname()
    terminal:enter(("mt.spawn(function() local _ <close> = setmetatable({}, {__close = function()"
      .. " io.open(%q, 'w'):write('closed'):close() end}) mt.sleep(100) end)"):format(path))
    terminal:hang_up()
    local code = terminal:ended()
    assert.is_true(code == 143 or code == 0, code) -- by the signal, or by the end of the input
    local file = io.open(path)
    assert.are.equal("closed", file:read "a")
    file:close()
    os.remove(path)
  end)

  it("stops at Ctrl-Z and comes back with its line", function()
    terminal = pty.start({"-i"}, {program = "/bin/sh", env = {PS1 = "shell$ ", HOME = home, ENV = false, XDG_STATE_HOME = false}})
    terminal:ends "shell$"
    terminal:type(("stty -a | grep -o -- '-*icanon'; %s repl\r"):format(host.binary)):prompt()
    terminal:type "1 + 4":prompt "1 + 4"
    terminal:type "\26":ends "shell$"
    terminal:type "stty -a | grep -o -- '-*icanon' | sed s/^/now-/\r":shows "\nnow-icanon\n"
    terminal:ends "shell$"
    terminal:type "fg\r":prompt "1 + 4"
    terminal:type "1\r":shows "\n42\n>"
    terminal:type "\4":ends "shell$"
    terminal:type "exit\r"
    terminal:ended()
  end)

  it("follows the size of the terminal", function()
    start {columns = 60}
    terminal:type "'0123456789 0123456789 0123456789'":prompt "'0123456789 0123456789 0123456789'"
    terminal:resize(30, 24)
    terminal:type "\5 ":ends "> '0123456789 0123456789 01234\n56789'"
    terminal:resize(70, 24)
    terminal:type "\5 ":prompt "'0123456789 0123456789 0123456789'"
    terminal:type "\21":prompt()
    leave()
  end)

  it("edits letters of more than a byte, and keeps bytes that are none", function()
    start()
    terminal:type "#'zwölf €🌙'":prompt "#'zwölf €🌙'"
    terminal:type "\2\2\8\5\r":shows "\n11\n>"
    terminal:type "('\xff\xc3'):byte(1, -1)":prompt "('\\U+DCFF\\U+DCC3'):byte(1, -1)"
    terminal:type "\r":shows "\n255     195\n>"
    leave()
  end)

  describe("keeps a history", function()
    it("of what was typed, without secrets, for its owner", function()
      start()
      terminal:enter "first = 1":enter " hidden = 1":enter "token = 'abc'":enter "second = 2":enter "second = 2"
      terminal:type "\27[A":prompt "second = 2"
      terminal:type "\27[A":prompt "first = 1"
      terminal:type "\27[B\27[B":prompt()
      leave()
      terminal:close()
      assert.are.equal("first = 1\nsecond = 2\n", history_of(home))
      local rights = host.shell(("stat -c %%a '%s/.local/state/moontide' '%s/.local/state/moontide/history'"):format(home, home))
      assert.are.equal("700\n600\n", rights.out)
      start()
      terminal:type "\27[A\27[A":prompt "first = 1"
      terminal:type "\21\r":ends "\n>\n>"
      terminal:type "fir\18":prompt "first = 1"
      terminal:type "\21"
      leave()
    end)

    it("of two sessions at once", function()
      start()
      local one = terminal
      start()
      one:enter "from_one = 1"
      terminal:enter "from_two = 2"
      one:enter "from_one = 3"
      one:type "\4"
      assert.are.equal(0, one:ended())
      one:close()
      leave()
      assert.are.equal("from_one = 1\nfrom_two = 2\nfrom_one = 3\n", history_of(home))
    end)

    it("where XDG_STATE_HOME says, and says why when it cannot", function()
      start {env = {XDG_STATE_HOME = "/proc/nothing"}}
      assert.matches("^moontide: history is not kept: /proc/nothing/moontide/history: ", answer "1")
      assert.are.equal("2", answer "2")
      leave()
    end)
  end)

  describe("completes", function()
    it("globals, fields, methods and commands", function()
      start()
      terminal:type "mt.sle\t":prompt "mt.sleep"
      terminal:type "\21mt.dock\t":prompt "mt.docker"
      terminal:type ".insp\t":prompt "mt.docker.inspect"
      terminal:type "\21("
      terminal:type "\21('x'):\t\21":prompt()
      terminal:enter "task = mt.spawn(function() end)"
      terminal:type "task:ca\t":prompt "task:cancel"
      terminal:type "\21mt.docker.co\t":shows "copy_to":prompt "mt.docker.co"
      assert.matches("connect +copy_from +copy_to\n> mt%.docker%.co$", terminal:text())
      terminal:type "\21:he\t":prompt ":help"
      terminal:type "\21\tx":prompt "  x"
      terminal:type "\21:load /etc/pass\t":shows "/etc/passwd"
      terminal:type "\21"
      leave()
    end)

    it("names and ids of containers, without waiting for the engine", function()
      local made = engine.value(LABEL, "return docker.create(web {name = 'repl-spec-one'})")
      finally(function() engine.clean(LABEL) end)
      start()
      terminal:type "mt.docker.inspect('repl-sp\t":prompt "mt.docker.inspect('repl-spec-one"
      terminal:type("\21mt.docker.inspect('" .. made:sub(1, 9) .. "\t"):prompt("mt.docker.inspect('" .. made:sub(1, 12))
      terminal:type "').Name\r":shows "\n/repl-spec-one\n>"
      assert.matches("NAME +ID +IMAGE +STATUS +PORTS\nrepl%-spec%-one +" .. made:sub(1, 12) .. " +moontide/web +created +%-",
        answer "mt.docker.list {all = true, name = 'repl-spec-one'}")
      leave()
    end)

    it("nothing where there is no engine, and the prompt is there at once", function()
      start {env = {DOCKER_HOST = "unix:///nowhere.sock"}}
      terminal:type "mt.docker.inspect('x\ty')":prompt "mt.docker.inspect('xy')"
      terminal:type "\3":ends "^C\n>"
      leave()
    end)
  end)

  it("has commands", function()
    start()
    assert.matches("Locals end with their line", answer ":help")
    assert.matches("^mt%.sleep%(duration%?%)\n  Waits, and lets other tasks run%.\n", answer ":doc mt.sleep")
    local page = answer ":doc stop"
    assert.matches("^mt%.docker%.stop%(id, options%?%) %-> done%?, err%?\n.*timeout  moontide%.Duration%?  grace", page)
    assert.matches("\nalso: .*timer:stop", page)
    assert.are.equal('nothing is known of "sleeep" (did you mean "sleep"?); :doc lists all', answer ":doc sleeep")
    local time, unit = answer(":time mt.sleep(0.1) or 'done'"):match "^([%d.]+)(m?s)\ndone$"
    time = tonumber(time) * (unit == "ms" and 0.001 or 1)
    assert.is_true(time >= 0.1 and time < 10, time)
    assert.are.equal(":time needs an expression; :help tells more", answer ":time")
    local path = host.file("loaded = 5\nprint('in the file')\nreturn loaded", ".lua")
    assert.are.equal("in the file\n5", answer(":load " .. path))
    assert.are.equal("5", answer "loaded")
    os.remove(path)
    assert.matches("^cannot read the script: " .. path:gsub("%p", "%%%0") .. ": No such file", answer(":load " .. path))
    leave()
  end)

  it("watches an expression until Ctrl-C", function()
    start()
    terminal:enter "n = 0"
    terminal:enter "function f() n = n + 1 return 'seen ' .. n end"
    terminal:type ":watch f() 100ms\r"
    terminal:wait_until("a fourth look", function()
      return tonumber(terminal:text():match "\nseen (%d+)" or 0) >= 4
    end)
    terminal:type "\3":shows "interrupted\n>"
    local count = select(2, terminal:text():gsub("seen %d", ""))
    assert.are.equal(1, count, terminal:text())
    leave()
  end)

  it("survives what nobody should type", function()
    start()
    terminal:type(("x"):rep(200000) .. "\21"):ends ">"
    assert.are.equal("1", answer "1")
    terminal:type "\0\0\29\30\31\27\27[999~\27[I\27Oz\22\4|":ends "^D|"
    terminal:type "\3":ends "^C\n>"
    assert.are.equal("2", answer "2")
    leave()
  end)

  it("is the terminal's own where there is no line editor, or a dumb terminal", function()
    for _, env in ipairs {{TERM = "dumb"}, {LD_LIBRARY_PATH = home}} do
      -- A library that is none.
      assert(io.open(home .. "/libedit.so.2", "w")):close()
      start {env = env}
      assert.are.equal(env.TERM == nil, terminal:text():find("apt install libedit2", 1, true) ~= nil)
      assert.is_true(terminal:is_restored())
      terminal:type "1 + 1\n":shows "\n2\n>"
      terminal:type "x = {\n":ends "\n>>"
      terminal:type "1}\n":prompt()
      terminal:type "print 'it runs' mt.sleep(100)\n":shows "\nit runs"
      terminal:type "\3":shows "interrupted\n>"
      terminal:type "abc":prompt "abc"
      terminal:type "\3":ends "> abc^C\n>"
      assert.falsy(terminal.raw:find("\27", 1, true))
      leave()
      terminal:close()
    end
  end)

  it("comes behind a script, with its globals, also when that has failed", function()
    local path = host.file("made = arg[1] .. ...\nfunction fail() error 'in the script' end\nif arg[2] then fail() end", ".lua")
    finally(function() os.remove(path) end)
    start(nil, {"run", "--repl", path, "a"})
    assert.are.equal("aa", answer "made")
    leave()
    terminal:close()
    start(nil, {"run", "--repl", path, "b", "c"})
    assert.matches(":2: in the script\nstack traceback:\n.*in function 'fail'\n", terminal:text())
    assert.are.equal("bb", answer "made")
    leave()
    terminal:close()
    start(nil, {"run", "--repl", "/nowhere.lua"})
    assert.matches("cannot read the script: /nowhere.lua: No such file", terminal:text())
    leave()
  end)
end)

describe("Piped lines", function()
  local function piped(text, options)
    options = options or {}
    options.stdin = text
    return host.run(options.arguments or {"repl"}, options)
  end

  it("are run without prompts and echo", function()
    local result = piped "x = 1\nx + 1\nprint(x)\nfor i = 1, 2 do\nprint(i)\nend\n:time 1\n'last'"
    assert.matches("^2\n1\n1\n2\n[%d.]+%a+\n1\nlast\n$", result.out)
    assert.are.same({0, ""}, {result.code, result.err})
  end)

  it("end at once when there are none", function()
    assert.are.same({code = 0, out = "", err = ""}, piped "")
    assert.are.same({code = 0, out = "", err = ""}, host.shell(("'%s' repl </dev/null"):format(host.binary)))
  end)

  it("go on after an error, which is the exit code", function()
    local result = piped "error 'boom'\n1 + 1\n"
    assert.are.same({4, "2\n"}, {result.code, result.out})
    assert.are.equal("stdin:1: boom\nstack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk\n", result.err)
    assert.are.same({4, "2\n"}, {piped "x y\n1 + 1\n".code, piped "x y\n1 + 1\n".out})
    assert.are.equal(4, piped "x = {".code)
  end)

  it("share standard input with what they run", function()
    assert.are.equal("hello\n2\n", piped "x = io.read()\nhello\nprint(x)\n1 + 1\n".out)
  end)

  it("end the tasks in order at the end", function()
    local result = piped("mt.spawn(function() local _ <close> = setmetatable({}, {__close = print}) mt.sleep(100) end)\n"
      .. "mt.sleep(0)")
    assert.are.equal(0, result.code, result.err)
    assert.matches("^task .*\ntable: ", result.out)
  end)

  it("may be anything", function()
    local long = ("x"):rep(10 << 20)
    local CASES = {
      {"#'" .. long .. "'\n1\n", "10485760\n1\n", 0}, {long .. "\n1\n", "nil\n1\n", 0},
      {("x"):rep(17 << 20) .. "\n1\n", "1\n", 4}, {"a\0b\n1\n", "1\n", 4}, {"\xff\xfe\n1\n", "1\n", 4},
      {"#'\xff\0x'\r\n1\n", "3\n1\n", 0}, {("("):rep(1000) .. "\n1\n", "1\n", 4}, {("\n"):rep(5000) .. "1", "1\n", 0},
      {"\27Lua\n1\n", "1\n", 4},
    }
    for i, case in ipairs(CASES) do
      local result = piped(case[1], {arguments = {"repl", "--memory-limit", "512m", "--script-budget", "30s"}})
      assert.are.same({i, case[2], case[3]}, {i, result.out, result.code}, result.err:sub(1, 300))
      assert.is_true(#result.err < 2000)
    end
  end)

  it("leave no history", function()
    local home = new_home()
    piped("x = 1\n", {env = {HOME = home, XDG_STATE_HOME = false}})
    assert.is_nil(history_of(home))
    host.shell("rm -rf '" .. home .. "'")
  end)

  it("work where there is no line editor", function()
    local home = new_home()
    assert(io.open(home .. "/libedit.so.2", "w")):close()
    assert.are.same({code = 0, out = "2\n", err = ""}, piped("1 + 1\n", {env = {LD_LIBRARY_PATH = home}}))
    host.shell("rm -rf '" .. home .. "'")
  end)

  it("come behind a script", function()
    local path = host.file("made = 5 if arg[1] then error 'boom' end", ".lua")
    assert.are.same({code = 0, out = "5\n", err = ""}, piped("made\n", {arguments = {"run", "--repl", path}}))
    local failed = piped("made\n", {arguments = {"run", "--repl", path, "x"}})
    assert.are.same({4, "5\n"}, {failed.code, failed.out})
    assert.matches("^" .. path:gsub("%p", "%%%0") .. ":1: boom\nstack traceback", failed.err)
    os.remove(path)
  end)
end)
