-- moontide.c.store: the state file.

local host = require "spec.support.host"

local directory, path

local PRELUDE = 'local store = require "moontide.c.store"\nlocal path = arg[1]\n'
local OPEN = "local s <close> = assert(store.open{path = path})\n"
local LOCKED = OPEN .. "assert(s:lock())\n"
local READ = "local s <close> = assert(store.open{path = path, read_only = true})\n"

local function run(code) return host.script(PRELUDE .. code, {arguments = {path}}) end

-- What the script prints; it fails unless it ends well, and says nothing else.
local function output(code)
  local result = run(code)
  assert.are.same({0, ""}, {result.code, result.err})
  return result.out
end

local function shell(format, ...)
  local result = host.shell(format:format(...))
  assert.are.same({0, ""}, {result.code, result.err})
  return result.out
end

before_each(function()
  directory = os.tmpname()
  os.remove(directory)
  path = directory .. "/deep/state.db"
end)

after_each(function() host.shell("rm -rf '" .. directory .. "'") end)

describe("a state file", function()
  it("is made with what it needs, for its owner's eyes alone, whatever the umask is", function()
    for _, umask in ipairs {"0000", "0777"} do
      local script = host.file(PRELUDE .. LOCKED .. [[
        s:write{fact = {kind = "x"}}
        os.execute("cd " .. path:match(".*/") .. " && stat -c '%n %a' . .. *")]], ".lua")
      assert.are.equal(". 700\n.. 700\nstate.db 600\nstate.db-shm 600\nstate.db-wal 600\nstate.db.lock 600\n",
        shell("umask %s; %s run %s %s", umask, host.binary, script, path))
      shell("rm -rf %s %s", script, directory)
    end
  end)

  it("keeps its owner id, also when many make it at once", function()
    local script = host.file(PRELUDE .. OPEN .. "print(s:owner())", ".lua")
    local owner = shell("for i in 1 2 3 4 5 6; do %s run %s %s & done | sort | uniq -c; wait", host.binary, script, path)
    assert.truthy(owner:match("^ *6 " .. ("%x"):rep(32) .. "\n$"), owner)
    assert.are.equal(owner:match "%x+\n$", output(READ .. "assert(not s:notice()) print(s:owner())"))
    os.remove(script)
  end)

  it("gives back what was written, in order", function()
    local now = os.time() * 1000000000
    output("local NOW = " .. now .. "\n" .. LOCKED .. [[
      assert(s:write{fact = {kind = "b", engine = "e", target = "nginx:1", reason = "r", data = '{"a":1}', time = NOW}})
      assert(s:write{fact = {kind = "a", time = NOW - 1},
        wish = {engine = "e", image = "nginx", record = '{"min_replicas":1}'},
        slot = {engine = "e", image = "nginx", name = "n-1", container_id = "", state = "intended", time = 6}})]])
    local code = [[
      for _, of in ipairs {"facts", "wishes", "slots"} do print(mt.json.encode(assert(s:read(of, {})))) end]]
    local rows = '[{"data":"{\\"a\\":1}","engine":"e","kind":"b","reason":"r","seq":1,"target":"nginx:1","time":' .. now ..
      '},{"data":"{}","engine":"","kind":"a","reason":"","seq":2,"target":"","time":' .. now - 1 .. '}]\n' ..
      '[{"engine":"e","image":"nginx","record":"{\\"min_replicas\\":1}"}]\n' ..
      '[{"container_id":"","engine":"e","image":"nginx","name":"n-1","state":"intended","time":6}]\n'
    assert.are.equal(rows, output(OPEN .. code))
    assert.are.equal(rows, output(READ .. code))
  end)

  it("is not found, and not made, by who only reads", function()
    assert.are.equal("not_found\tt: there is no state file " .. path .. "\n", output [[
      local _, err = store.open{path = path, read_only = true, op = "t"} print(err.kind, err)]])
    assert.are.equal(2, host.shell("ls " .. directory).code)
  end)

  it("is read while another process holds the lock, which says who it is", function()
    output(LOCKED .. [[
      assert(s:write{fact = {kind = "x"}})
      local code = [=[
        local store = require "moontide.c.store"
        local s <close> = assert(store.open{path = ...})
        print(s:lock())
        local err = select(2, s:write{fact = {kind = "y"}})
        print(err.kind, #s:read("facts", {}))
      ]=]
      local file = path .. ".lua"
      local out <close> = io.open(file, "w")
      out:write((code:gsub("%.%.%.", ("%q"):format(path))))
      out:close()
      local child = io.popen(("cd /proc/$PPID && echo ${PWD#/proc/}; %s run %s"):format(os.getenv "MOONTIDE", file))
      local pid = child:read()
      local said = child:read("a")
      assert(said == "false\t" .. pid .. "\nconflict\t1\n", said)]])
  end)

  it("keeps what was queued when the script ends", function()
    output((LOCKED:gsub("local s <close>", "s")) .. [[
      mt.spawn(function() s:write{fact = {kind = "late"}} end)
      mt.sleep(0)
      os.exit(0)]])
    assert.are.equal("late\n", output(READ .. "print(s:read('facts', {})[1].kind)"))
  end)

  it("says what a caller did wrong", function()
    local cases = {
      {"s:write{fact = {}}", "field 'fact.kind' must be a string, got nil"},
      {"s:write{fact = {kind = 'a\\0b'}}", "field 'fact.kind' must not contain a NUL"},
      {"s:write{fact = {kind = 'a', time = 1.5}}", "field 'fact.time' must be a whole number"},
      {"s:write{slot = {engine = '', image = 'i', name = 'n', container_id = ''}}", "field 'slot.state' must be"},
      {"s:write{wish = 1}", "field 'wish' must be a table, got number"},
      {"s:read('facts', {limit = '1'})", "field 'query.limit' must be a whole number"},
      {"s:read('fact', {})", "invalid option 'fact'"}, {"s:close() s:owner()", "the state file is closed"},
    }
    local code = {LOCKED}
    for _, case in ipairs(cases) do code[#code + 1] = ("print(select(2, pcall(function() %s end)))"):format(case[1]) end
    local said = output(table.concat(code, "\n"))
    for _, case in ipairs(cases) do assert.truthy(said:find(case[2], 1, true), case[2] .. " in\n" .. said) end
  end)
end)

describe("what is no state file of ours is refused, and stays as it is:", function()
  local template -- one with 50 facts

  setup(function()
    directory = os.tmpname()
    os.remove(directory)
    path = directory .. "/state.db"
    output(LOCKED .. [[
      local facts = {}
      for i = 1, 50 do facts[i] = function() assert(s:write{fact = {kind = "k", data = '"' .. ("x"):rep(1000) .. '"'}}) end end
      mt.all(facts)]])
    template = directory
  end)

  teardown(function() shell("rm -rf %s", template) end)

  -- Tries to open, both ways, what a command of the shell makes of the file in its directory.
  local function check(command, kind, why)
    shell("mkdir -p %s; cd %s/deep; cp %s/state.db .; %s", path:match "(.*)/", directory, template, command)
    local list = ("cd %s/deep; stat -c '%%n %%i %%y %%A' state.db; [ ! -f state.db ] || md5sum state.db"):format(directory)
    local before = shell("%s", list)
    local said = output [[
      for _, read_only in ipairs {false, true} do
        local s, err = store.open{path = path, read_only = read_only}
        print(s and "opened" or err.kind .. ": " .. err.message)
      end]]
    for line in said:gmatch "[^\n]+" do
      assert.are.equal(kind, line:match "^%w+")
      assert.truthy(line:find(why, 1, true), line)
      assert.truthy(line:find(path, 1, true), line)
      assert.truthy(line:find("; ", 1, true), line) -- what to do
    end
    assert.are.equal(before, shell("%s", list))
  end

  local function patch(at, bytes)
    return ("printf '%s' | dd of=state.db bs=1 seek=%d conv=notrunc status=none"):format(bytes, at)
  end

  local cases = {
    {"a text", "echo 'return {}' >state.db", "invalid", "it is no SQLite database, or was cut off"},
    {"a long text", "seq 20000 >state.db", "invalid", "it is no SQLite database;"},
    {"a database of another program", patch(68, "\\0\\0\\0\\1"), "invalid", "another program (application_id 0x00000001)"},
    {"one of a newer version", patch(60, "\\0\\0\\0\\11"), "invalid", "is of version 9, and this program knows versions up to 1"},
    {"one of no version", patch(60, "\\0\\0\\0\\0"), "invalid", "is damaged: it has no version"},
    {"one that was cut off", "truncate -s 9000 state.db", "invalid", "is damaged: "},
    {"one cut in its first bytes", "truncate -s 50 state.db", "invalid", "or was cut off"},
    {"one with other bytes in it", "seq 5000 | dd of=state.db bs=4096 seek=1 conv=notrunc status=none",
      "invalid", "is damaged: "},
    {"a directory", "rm state.db; mkdir state.db", "invalid", "is a directory"},
    {"a FIFO", "rm state.db; mkfifo state.db", "invalid", "is a FIFO"},
    {"a symbolic link", "mv state.db other; ln -s other state.db", "invalid", "is a symbolic link"},
    {"a link to nothing", "rm state.db; ln -s nothing state.db", "invalid", "is a symbolic link"},
    {"a device", "rm state.db; mknod state.db c 1 5", "invalid", "is a device"},
    {"another user's", "chown 1:1 state.db", "denied", "belongs to user daemon, not to you"},
  }
  for _, case in ipairs(cases) do
    it(case[1], function() check(case[2], case[3], case[4]) end)
  end

  it("no name at all", function()
    for _, name in ipairs {"", "/", "/tmp/", ".", "/tmp/.."} do
      assert.are.equal("invalid\n", output(("print(select(2, store.open{path = %q}).kind)"):format(name)))
    end
    assert.are.equal("invalid\n", output(("print(select(2, store.open{path = %q}).kind)"):format(("x/"):rep(2100) .. "y")))
    assert.are.equal("invalid\n", output 'print(select(2, store.open{path = "/etc/passwd/x"}).kind)')
  end)
end)

describe("a state file", function()
  it("that is empty is made", function()
    shell("mkdir -p %s/deep; : >%s", directory, path)
    assert.are.equal("not_found\n", output 'print(select(2, store.open{path = path, read_only = true}).kind)')
    assert.are.equal("32\n", output(OPEN .. "print(#s:owner())"))
  end)

  it("that others may read is taken from them, with a notice", function()
    output(OPEN)
    shell("chmod 644 %s", path)
    assert.are.equal(("others could read or write the state file %s (mode 0644); now only you can (0600)\nnil\n"):format(path),
      output([[
        do local s <close> = assert(store.open{path = path}) print(s:notice()) end
        do local s <close> = assert(store.open{path = path}) print(s:notice()) end]]))
    assert.are.equal("600\n", shell("stat -c %%a %s", path))
  end)

  it("in a directory that is reached by a link is opened", function()
    output(OPEN)
    shell("ln -s deep %s/link", directory)
    path = directory .. "/link/state.db"
    assert.are.equal(path .. "\n", output(OPEN .. "print(s:path())"))
  end)

  it("has its lock file protected and its own", function()
    output(OPEN)
    shell("chmod 666 %s.lock", path)
    output(LOCKED)
    assert.are.equal("600\n", shell("stat -c %%a %s.lock", path))
    shell("rm %s.lock; ln -s /tmp/other %s.lock", path, path)
    assert.are.equal("invalid\n", output(OPEN .. "print(select(2, s:lock()).kind)"))
    shell("rm %s.lock; mkfifo %s.lock", path, path)
    assert.are.equal("denied\n", output(OPEN .. "print(select(2, s:lock()).kind)"))
  end)
end)

describe("on a disk that", function()
  -- Runs commands of the shell with a disk of that many KiB at the directory, and $run SCRIPT.
  local function on_disk(kib, scripts, commands)
    local words = {("dir=%s; mkdir -p $dir; mount -t tmpfs -o size=%dk moontide-spec $dir; cd $dir; mkdir deep"):format(
      directory, kib)}
    for name, code in pairs(scripts) do
      scripts[name] = host.file(PRELUDE .. code, ".lua")
      words[#words + 1] = ("%s() { %s run %s %s; }"):format(name, host.binary, scripts[name], path)
    end
    words[#words + 1] = commands
    local file = host.file(table.concat(words, "\n"))
    local result = host.shell("unshare -m sh " .. file)
    os.remove(file)
    for _, script in pairs(scripts) do os.remove(script) end
    assert.are.equal("", result.err)
    return result.out
  end

  local TRY = [[
    local s, err = store.open{path = path}
    print(s and "opened" or err.kind .. ": " .. err.message)]]
  local WRITE = LOCKED .. [[
    local n, data = 0, '"' .. ("x"):rep(3000) .. '"'
    while true do
      local written, err = s:write{fact = {kind = "k", data = data}}
      if not written then
        print(n, err.kind, err)
        break
      end
      n = n + 1
    end]]
  local COUNT = READ .. "print(#assert(s:read('facts', {})))"

  it("is full none is made, and what is free is said", function()
    local said = on_disk(64, {try = TRY}, "head -c 65000 /dev/zero >deep/big; try; rm deep/big; try; ls deep")
    assert.are.equal(("transport: cannot make the state file %s: No space left on device, 0 bytes are free there; free " ..
      "some space, or name another file (--state)\nopened\nstate.db\nstate.db.lock\n"):format(path), said)
  end)

  it("becomes full all that was acknowledged is kept, and writing goes on when there is room", function()
    local said = on_disk(1000, {write = WRITE, count = COUNT},
      "head -c 400000 /dev/zero >big; write; count; rm big; write; count")
    local first, why, first_read, second, second_read =
      said:match "^(%d+)\ttransport\t([^\n]+)\n(%d+)\n(%d+)\t[^\n]+\n(%d+)\n$"
    assert.truthy(first, said)
    assert.truthy(why:find("state: cannot write the state file " .. path .. ": No space left on device, ", 1, true), why)
    assert.are.equal(first, first_read)
    assert.truthy(tonumber(second) > 0)
    assert.are.equal(first + second, tonumber(second_read))
  end)

  it("is full a file is not read without a word", function()
    local said = on_disk(200, {try = TRY, write = LOCKED .. "assert(s:write{fact = {kind = 'k'}})", count = TRY:gsub("path}",
      "path, read_only = true}")}, "write; head -c 300000 /dev/zero >big 2>&-; try; count; rm big; try")
    local line = ("transport: cannot open the state file %s: No space left on device, 0 bytes are free there; free some " ..
      "space, or name another file (--state)\n"):format(path)
    assert.are.equal(line .. line .. "opened\n", said)
  end)

  it("can only be read it is read, and not written", function()
    local said = on_disk(1000, {write = LOCKED .. "assert(s:write{fact = {kind = 'k'}})", try = TRY,
      read = READ .. [[print(#assert(s:read('facts', {})), s:notice(), select(2, s:lock()).kind)]]},
      "write; mount -o remount,ro " .. directory .. "; try; read; ls deep")
    assert.are.equal(("denied: cannot open the state file %s: Read-only file system; it can only be read there; name " ..
      "another file (--state) to write\n1\tnil\tdenied\nstate.db\nstate.db.lock\n"):format(path), said)
  end)

  it("can only be read it is said when its newest entries cannot be", function()
    local said = on_disk(1000, {write = LOCKED .. [[
        assert(s:write{fact = {kind = 'k'}})
        os.execute("kill -9 $PPID; sleep 1")]],
      read = READ .. "print(#assert(s:read('facts', {})), s:notice())"},
      "write 2>&-; rm deep/*-shm; mount -o remount,ro " .. directory .. "; read")
    assert.are.equal(("0\tthe state file %s is on a read-only disk: its newest entries, which are still in its -wal file, " ..
      "cannot be read\n"):format(path), said)
  end)

  it("has a limit for the size of a file that is an error of the write", function()
    local said = on_disk(4000, {write = WRITE, count = COUNT}, "(ulimit -f 1000; write); count")
    local first, why, count = said:match "^(%d+)\ttransport\t([^\n]+)\n(%d+)\n$"
    assert.truthy(why and why:find("File too large; raise the limit (ulimit -f)", 1, true), said)
    assert.are.equal(first, count)
  end)
end)

it("a script that is killed at any moment loses nothing that was acknowledged #slow", function()
  local script = host.file(PRELUDE .. LOCKED .. [[
    io.stdout:setvbuf("line")
    print((io.open("/proc/self/stat"):read("n")))
    local run, n = arg[2], 0
    local function write()
      while true do
        n = n + 1
        local name = run .. "-" .. n
        assert(s:write{fact = {kind = "k", target = name, data = '{"name":"' .. name .. '"}'},
          wish = {engine = "e", image = name, record = "{}"}})
        print(name)
      end
    end
    mt.all{write, write, write, write}]], ".lua")
  -- It is killed when so many of its lines have been read.
  local acknowledged = host.shell(([[
    for i in $(seq 30); do
      %s run %s %s $i 2>&- | {
        read pid
        left=$((i * 7 %% 29))
        while read name; do
          echo $name
          [ $left != 0 ] || kill -9 $pid
          left=$((left - 1))
        done
      }
    done]]):format(host.binary, script, path)).out
  os.remove(script)
  local count = tonumber(output(OPEN .. "print(#assert(s:read('facts', {})))"))
  local missing, torn, names = {}, 0, {}
  local rows = output(READ .. [[
    local wishes = {}
    for _, wish in ipairs(assert(s:read("wishes", {}))) do wishes[wish.image] = true end
    for _, fact in ipairs(assert(s:read("facts", {}))) do
      print(fact.target, fact.data == ('{"name":"%s"}'):format(fact.target) and wishes[fact.target])
    end]])
  for name, whole in rows:gmatch "(%S+)\t(%S+)\n" do
    names[name] = true
    if whole ~= "true" then torn = torn + 1 end
  end
  local n = 0
  for name in acknowledged:gmatch "(%S+)\n" do
    n = n + 1
    if not names[name] then missing[#missing + 1] = name end
  end
  assert.are.same({{}, 0}, {missing, torn})
  assert.truthy(n > 100 and count >= n, ("%d acknowledged, %d there"):format(n, count))
end)
