-- How tasks end, and what ends with them: trees of tasks, closers, joiners. Order is asserted, not time.
local host = require "spec.support.host"

local PRELUDE = [[
local function closer(text) return setmetatable({}, {__close = function() print(text) end}) end
local function sleeper(text, inner)
  return mt.spawn(function()
    local _ <close> = closer(text)
    if inner then inner() end
    mt.sleep("1h")
  end)
end
]]

-- The script must end with the code and print these lines; returns what it says on standard error.
local function ends(code, lines, script)
  local result = host.script(PRELUDE .. script)
  assert.are.same({code, table.concat(lines, "\n") .. "\n"}, {result.code, result.out}, result.err)
  return result.err
end

local function prints(lines, script) assert.are.equal("", ends(0, lines, script)) end

describe("a task that is cancelled", function()
  it("takes its whole tree with it, the innermost first, before cancel returns", function()
    prints({"great-grandchild", "grandchild", "child", "back"}, [[
      local deep
      local child = sleeper("child", function()
        sleeper("grandchild", function() sleeper("great-grandchild", function() deep = true end) end)
      end)
      repeat mt.sleep(0) until deep
      child:cancel()
      print("back")
    ]])
  end)

  it("takes those of its children first that it spawned first", function()
    prints({"1", "2", "3", "parent"}, [[
      local count = 0
      local function counted() count = count + 1 end
      local parent = sleeper("parent", function() for i = 1, 3 do sleeper(tostring(i), counted) end end)
      repeat mt.sleep(0) until count == 3
      parent:cancel()
    ]])
  end)

  it("ends when it is ready: its wait is over, and it does not go on", function()
    prints({"closed", "cancelled"}, [[
      local first
      local task = mt.spawn(function()
        local _ <close> = closer("closed")
        first:join()
        print("never")
      end)
      first = mt.spawn(function() mt.sleep(0) end)
      mt.sleep(0)
      mt.sleep(0)
      first:join()
      task:cancel()
      print(task:status())
    ]])
  end)

  it("lets who joins it know, and those that it joins alone", function()
    prints({"waiter closed", "false\tcancelled\tthe task %s was cancelled", "true\tdone"}, [[
      local cancelled
      local work = mt.spawn(function() repeat mt.sleep(0) until cancelled return "done" end)
      local waiter = mt.spawn(function()
        local _ <close> = closer("waiter closed")
        work:join()
      end)
      local told = mt.spawn(function()
        local ok, err = waiter:join()
        print(ok, err.kind, (err.message:gsub("task [^ ]+", "task %%s")))
      end)
      mt.sleep(0)
      waiter:cancel()
      told:join()
      cancelled = true
      print(work:join())
    ]])
  end)

  it("has its closers told what Lua tells them: nothing", function()
    prints({"nil"}, [[
      local task = mt.spawn(function()
        local _ <close> = setmetatable({}, {__close = function(_, err) print(err) end})
        mt.sleep("1h")
      end)
      mt.sleep(0)
      task:cancel()
    ]])
  end)

  it("leaves what its closers spawned behind, as nobody's child", function()
    prints({"closing", "cleaned up"}, [[
      local task = mt.spawn(function()
        local _ <close> = setmetatable({}, {__close = function()
          print("closing")
          mt.spawn(function() mt.sleep("2ms") print("cleaned up") end)
        end})
        mt.sleep("1h")
      end)
      mt.sleep(0)
      task:cancel()
    ]])
  end)

  it("does not stop its other closers when one fails", function()
    local err = ends(4, {"outer"}, [[
      local task = mt.spawn(function()
        local _ <close> = closer("outer")
        local _ <close> = setmetatable({}, {__close = function() error("broken") end})
        mt.sleep("1h")
      end)
      mt.sleep(0)
      task:cancel()
    ]])
    assert.matches("^moontide: closing the task [%w_]+%.lua:%d+: [^\n]+: broken\n$", err)
  end)

  it("is the same when it is cancelled by its child", function()
    prints({"child closed", "parent closed"}, [[
      local parent
      parent = mt.spawn(function()
        local _ <close> = closer("parent closed")
        mt.spawn(function()
          local _ <close> = closer("child closed")
          parent:cancel()
          print("never")
        end)
        mt.sleep("1h")
      end)
    ]])
  end)

  it("stays as it ended", function()
    prints({"true\t1", "done", "false\tx", "failed"}, [[
      local done = mt.spawn(function() return 1 end)
      mt.sleep(0)
      done:cancel()
      print(done:join())
      print(done:status())
      local failed = mt.spawn(error, "x")
      failed:join()
      failed:cancel()
      print(failed:join())
      print(failed:status())
    ]])
  end)
end)

describe("a task that fails", function()
  it("takes its children with it, then runs its own closers with the error", function()
    local err = ends(4, {"child", "told: boom", "main goes on"}, [[
      local begun
      local task = mt.spawn(function()
        local _ <close> = setmetatable({}, {__close = function(_, err) print((err:gsub("^.*: ", "told: "))) end})
        sleeper("child", function() begun = true end)
        repeat mt.sleep(0) until begun error("boom")
      end)
      repeat mt.sleep(0) until task:status() == "failed"
      print("main goes on")
    ]])
    assert.matches("^moontide: [^\n]+%.lua:13: boom\nstack traceback:\n", err)
  end)

  it("is told of with where it was spawned from left out, and where it failed", function()
    local err = ends(4, {"end"}, [[
      local function inner() error("deep") end
      mt.spawn(function() inner() end)
      mt.sleep(0)
      mt.sleep(0)
      print("end")
    ]])
    assert.matches("%.lua:9: deep\nstack traceback:\n\t%[C%]: in function 'error'\n\t[^\n]+:9: in upvalue 'inner'\n"
      .. "\t[^\n]+:10: in function <[^\n]+:10>\n$", err)
  end)

  it("is told of once for each task, and each is counted until it is taken", function()
    local err = ends(4, {"false\tone"}, [[
      local one = mt.spawn(error, "one")
      mt.spawn(error, "two")
      mt.sleep("1ms")
      print(one:join())
    ]])
    local _, count = err:gsub("moontide: ", "")
    assert.are.equal(2, count)
  end)

  it("tells all of its joiners", function()
    prints({"a\tfalse\tx", "b\tfalse\tx", "c\tfalse\tx"}, [[
      local task = mt.spawn(function() mt.sleep("1ms") error("x", 0) end)
      mt.map({"a", "b"}, function(name) print(name, task:join()) end)
      print("c", task:join())
    ]])
  end)

  it("may have any value for its error", function()
    local err = ends(4, {"go on"}, [[
      mt.spawn(error, {kind = "mine"})
      mt.spawn(error)
      mt.spawn(error, setmetatable({}, {__tostring = function() return "as text" end}))
      mt.sleep(0)
      mt.sleep(0)
      print("go on")
    ]])
    assert.matches("moontide: %(error object is a table value%)\n.*moontide: nil %(error was called without a message%)\n"
      .. ".*moontide: as text\n", err)
  end)

  it("that is the script takes all its tasks with it", function()
    local err = ends(4, {"1", "2"}, [[
      sleeper("1")
      sleeper("2")
      mt.sleep(0)
      error("the script")
    ]])
    assert.matches("the script\nstack traceback:\n", err)
  end)
end)

describe("a task that returns", function()
  it("leaves its children to its parent, with which they end", function()
    prints({"false\tfailed", "orphan closed", "orphan was alive"}, [[
      local alive = "orphan was gone"
      local parent = mt.spawn(function()
        mt.spawn(function()
          sleeper("orphan closed", function() alive = "orphan was alive" end)
        end):join()
        mt.sleep("1h")
      end)
      repeat mt.sleep(0) until alive ~= "orphan was gone"
      print(false, "failed")
      parent:cancel()
      print(alive)
    ]])
  end)

  it("leaves a child of a group to who called the group", function()
    prints({"all is over", "the child goes on"}, [[
      mt.all {function()
        mt.spawn(function() mt.sleep("2ms") print("the child goes on") end)
      end}
      print("all is over")
    ]])
  end)
end)

describe("a task", function()
  it("tells its name and its state", function()
    prints({"ready", "waiting", "done", "task X:12 (done)"}, [[
      local over
      local other = mt.spawn(function() repeat mt.sleep(0) until over end)
      local task
      task = mt.spawn(function() other:join() end)
      print(task:status())
      mt.sleep(0)
      print(task:status())
      over = true
      task:join()
      print(task:status())
      print((tostring(task):gsub("[%w_]+%.lua", "X")))
    ]])
  end)

  it("is running, for itself", function()
    prints({"running"}, [[
      local task
      task = mt.spawn(function() print(task:status()) end)
    ]])
  end)

  it("names what is wrong with a call of its methods", function()
    prints({"bad argument #1 to 'X' (moontide.task expected, got table)"}, [[
      local task = mt.spawn(function() end)
      print((select(2, pcall(task.join, {})):gsub("'.-'", "'X'")))
    ]])
  end)
end)
