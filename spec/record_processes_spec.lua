-- The state file between processes, and when it fails: locked, killed holders, damaged, full.
local host = require "spec.support.host"

local directory, path

before_each(function()
  directory = os.tmpname()
  os.remove(directory)
  path = directory .. "/state.db"
  host.shell("mkdir " .. directory)
end)

after_each(function() host.shell("rm -rf '" .. directory .. "'") end)

local PRELUDE = [[
local record = require "moontide.record"
local here = os.getenv("MOONTIDE_STATE"):match "^(.*)/"
local function mark(name) io.open(here .. "/" .. name, "w"):close() end
local function marked(name)
  local file = io.open(here .. "/" .. name)
  if file then file:close() end
  return file ~= nil
end
local function await(name) while not marked(name) do mt.sleep(0.01) end end
]]

local function state() return {env = {MOONTIDE_STATE = path}} end

-- Both at once; the results of the second, and what the first printed.
local function beside(first, second)
  local file = host.file(PRELUDE .. first, ".lua")
  host.shell(("%s run %s >%s/first.out 2>&1 & echo $! >%s/first.pid"):format(host.binary, file, directory, directory),
    state())
  local result = host.script(PRELUDE .. second, state())
  host.shell(("for i in $(seq 500); do kill -0 $(cat %s/first.pid) 2>/dev/null || exit 0; sleep 0.01; done; exit 1"):format(
    directory))
  os.remove(file)
  return result, host.shell(("cat %s/first.out"):format(directory)).out
end

local HOLDS = [[
  print(record.exclusive("spec", "k", 20, function()
    mark "held"
    %s
    return "done"
  end))
]]

describe("two processes", function()
  it("change things one after the other, also of different images", function()
    local result, first = beside(HOLDS:format [[
      mt.sleep(0.2)
      print(record.put_wish("e", "nginx", {n = 1}))]], [[
      await "held"
      print(record.exclusive("spec", "other", 20, function() return record.wish("e", "nginx").n end))]])
    assert.are.same({0, "1\n", ""}, {result.code, result.out, result.err})
    assert.are.equal("true\ndone\n", first)
  end)

  it("read at any time", function()
    local result, first = beside(HOLDS:format [[
      record.put_wish("e", "nginx", {n = 1})
      mark "written"
      await "read"]], [[
      await "written"
      print(record.wish("e", "nginx").n, #record.history {}, (record.owner()) == record.owner {make = false})
      mark "read"]])
    assert.are.same({0, "1\t0\ttrue\n", ""}, {result.code, result.out, result.err})
    assert.are.equal("done\n", first)
  end)

  it("that wait long are told for whom, once", function()
    local result = beside(HOLDS:format 'await "waited"', [[
      await "held"
      mt.after(2, function() mark "waited" end)
      mt.all {
        function() print(record.exclusive("spec", "a", 20, mt.now) ~= nil) end,
        function() print(record.exclusive("spec", "b", 20, mt.now) ~= nil) end,
      }]])
    local pid = host.shell("cat " .. directory .. "/first.pid").out:match("%d+")
    assert.are.same({0, "true\ntrue\n"}, {result.code, result.out})
    assert.matches("^%S+ INFO  waiting for the state file " .. path:gsub("%p", "%%%0") .. ": process " .. pid ..
      ", another moontide works with it\n$", result.err)
  end)

  it("give up in time, naming who holds it, and what to do", function()
    local result = beside(HOLDS:format 'await "seen"', [[
      await "held"
      local begun = mt.monotonic()
      local _, err = record.exclusive("spec", "k", 0.2, print)
      print(err.kind, err, mt.monotonic() - begun < 5)
      _, err = record.exclusive("spec", "k", 0, print)
      print(err.kind)
      mark "seen"]])
    local pid = host.shell("cat " .. directory .. "/first.pid").out:match("%d+")
    assert.matches("^conflict\tspec: the state file " .. path:gsub("%p", "%%%0") .. " is in use by process " .. pid ..
      ", another moontide, and was for [%d.]+m?s: try again when that is done, or end it\ttrue\nconflict\n$", result.out)
  end)

  it("lose nothing when both write much", function()
    local result, first = beside([[
      for i = 1, 30 do assert(record.fact {event = "scale", image = "a" .. i}) end
      print "done"]], [[
      mt.map({}, print)
      local numbers = {}
      for i = 1, 30 do numbers[i] = i end
      mt.map(numbers, function(i) assert(record.fact {event = "scale", image = "b" .. i}) end)
      while #record.history {target = "a"} < 30 do mt.sleep(0.01) end
      local seen = {}
      for _, entry in ipairs(record.history {}) do assert(not seen[entry.seq]) seen[entry.seq] = true end
      print(#record.history {})]])
    assert.are.same({0, "60\n", "done\n"}, {result.code, result.out, first}, result.err)
  end)

  it("that begin at once on no file agree on one owner", function()
    local result, first = beside("print(record.owner())", "print(record.owner())")
    assert.are.equal(result.out, first)
    assert.are.equal(33, #first)
  end)
end)

describe("a process that was killed with -9", function()
  it("holds nobody up, and what was acknowledged is there", function()
    local result = beside(HOLDS:format [[
      assert(record.put_slot({engine = "e", image = "nginx", name = "n-1", container_id = "", state = "intended"},
        {event = "create", image = "nginx", name = "n-1", intent = true}))
      mark "intended"
      mt.sleep "1h"]], [[
      await "intended"
      await "first.pid"
      os.execute("kill -9 $(cat " .. here .. "/first.pid)")
      print(record.exclusive("spec", "k", 20, function()
        local slot = record.slots("e", "nginx")[1]
        return slot.name, slot.state, record.history {}[1].intent
      end))]])
    assert.are.same({0, "n-1\tintended\ttrue\n", ""}, {result.code, result.out, result.err})
  end)
end)

-- Every function's answer: its result, or the kind of its error.
local EACH = [[
  local function tell(name, value, err) print(name, err and err.kind or value, err and err.op or "") return err end
  local function each()
    tell("owner", record.owner())
    tell("exclusive", record.exclusive("spec", "k", 1, function() return "ran" end))
    tell("wish", record.wish("e", "nginx"))
    tell("put_wish", record.put_wish("e", "nginx", {}))
    tell("slots", record.slots "e")
    tell("put_slot", record.put_slot {engine = "e", image = "nginx", name = "n", container_id = "", state = "intended"})
    tell("fact", record.fact {event = "scale", image = "nginx"})
    return tell("history", record.history {})
  end
]]

local function all(kind)
  local lines = {}
  for _, row in ipairs {
    {"owner", "record.owner"}, {"exclusive", "spec"}, {"wish", "record.wish"}, {"put_wish", "record.put_wish"},
    {"slots", "record.slots"}, {"put_slot", "record.put_slot"}, {"fact", "record.fact"}, {"history", "record.history"},
  } do
    lines[#lines + 1] = ("%s\t%s\t%s\n"):format(row[1], kind, row[2])
  end
  return table.concat(lines)
end

describe("a state file that is", function()
  local function every(kind, words)
    local result = host.script(PRELUDE .. EACH .. "each() print(each())", state())
    assert.are.equal(0, result.code, result.err)
    local text = all(kind) .. all(kind)
    assert.are.equal(text, result.out:sub(1, #text))
    assert.truthy(result.out:sub(#text + 1):find(words, 1, true), result.out:sub(#text + 1))
  end

  it("damaged is told of each time, and left as it is", function()
    host.shell(("head -c 9000 /dev/urandom >%s && cp %s %s.kept"):format(path, path, path))
    every("invalid", path)
    assert.are.equal(0, host.shell(("cmp %s %s.kept"):format(path, path)).code)
  end)

  it("a directory is told of each time", function()
    host.shell("mkdir " .. path)
    every("invalid", path)
  end)

  it("on a disk that is full keeps what it has: nothing is done without its being written", function()
    local disk = directory .. "/disk"
    host.shell(("mkdir %s && mount -t tmpfs -o size=400k none %s"):format(disk, disk))
    path = disk .. "/state.db"
    local result = host.script(PRELUDE .. EACH .. [[
      assert(record.put_wish("e", "nginx", {n = 1}))
      local file = io.open(here .. "/filler", "w")
      file:setvbuf "no"
      repeat local ok = file:write(("x"):rep(4096)) until not ok
      file:close()
      local long = ("x"):rep(100000)
      local _, err = record.put_wish("e", "nginx", {n = 2, long = long})
      print(err.kind, err)
      print(record.wish("e", "nginx").n)
      _, err = record.put_slot({engine = "e", image = "nginx", name = long, container_id = "", state = "intended"})
      print(err.kind)
      os.remove(here .. "/filler")
      print(record.put_wish("e", "nginx", {n = 3}), record.wish("e", "nginx").n)]], state())
    host.shell("umount " .. disk)
    assert.are.equal(0, result.code, result.err)
    assert.matches("^transport\trecord%.put_wish: [^\n]*state%.db: No space left on device, %d+ bytes are free there;[^\n]*"
      .. "\n1\ntransport\ntrue\t3\n$", result.out)
  end)

  it("gone in the middle is told of, and made again by the next", function()
    local result = host.script(PRELUDE .. [[
      local owner = record.owner()
      os.execute("rm " .. here .. "/state.db*")
      local _, err = record.put_wish("e", "nginx", {n = 1})
      print(err and err.kind)
      print(record.put_wish("e", "nginx", {n = 2}), record.wish("e", "nginx").n, record.owner() ~= owner)]], state())
    assert.are.equal(0, result.code, result.err)
    assert.matches("\ntrue\t2\ttrue\n$", result.out)
  end)
end)
