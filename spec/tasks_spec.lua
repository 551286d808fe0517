-- Tasks: spawn, join, cancel, groups, timers, and waits in odd places. Order is asserted, not time.
local host = require "spec.support.host"

-- The script must end with 0 and print these lines.
local function prints(lines, code)
  local result = host.script(code)
  assert.are.same({0, table.concat(lines, "\n") .. "\n", ""}, {result.code, result.out, result.err})
end

-- The script must end with 4 and say this.
local function fails(patterns, code)
  local result = host.script(code)
  assert.are.equal(4, result.code, result.err)
  for _, pattern in ipairs(patterns) do assert.matches(pattern, result.err) end
  return result
end

local CLOSER = [[local function closer(fn) return setmetatable({}, {__close = fn}) end
]]

describe("mt.spawn", function()
  it("runs beside the caller, and join gives the results", function()
    prints({"spawned", "ran", "true\t1\tnil\t3", "true"}, [[
      local task = mt.spawn(function(...) print("ran") return ... end, 1, nil, 3)
      print("spawned")
      print(task:join())
      print(mt.spawn(function() end):join())
    ]])
  end)

  it("gives a raised error to who joins, whatever it is", function()
    prints({"false\ttrue", "false\tnil", "false\tfalse"}, [[
      local object = {}
      local ok, err = mt.spawn(error, object):join()
      print(ok, err == object)
      print(mt.spawn(error, nil):join())
      print(mt.spawn(error, false):join())
    ]])
  end)

  it("takes nil, err for a value", function()
    prints({"true\tnil\twhy"}, [[print(mt.spawn(function() return nil, "why" end):join())]])
  end)

  it("reports an error that nobody takes, with its place, and ends with 4", function()
    fails({"%.lua:1: lost\nstack traceback:\n", "in function 'error'"}, [[mt.spawn(function() error("lost") end) mt.sleep(0.01)]])
  end)

  it("counts an error no more that is taken later", function()
    local result = host.script [[
      local task = mt.spawn(error, "late")
      mt.sleep(0.01)
      print(task:join())
    ]]
    assert.are.same({0, "false\tlate\n"}, {result.code, result.out})
  end)

  it("keeps the script alive until all has ended", function()
    prints({"main", "task", "timer"}, [[
      mt.spawn(function() mt.sleep(0.01) print("task") end)
      mt.after("20ms", function() print("timer") end)
      print("main")
    ]])
  end)

  it("is fair: tasks that only let others run take turns", function()
    prints({"a1 b1 a2 b2 a3 b3"}, [[
      local log = {}
      local function count(name)
        for i = 1, 3 do log[#log + 1] = name .. i mt.sleep(0) end
      end
      mt.all {function() count "a" end, function() count "b" end}
      print(table.concat(log, " "))
    ]])
  end)

  it("refuses what is no function, at the caller's line", function()
    fails({"%.lua:2: mt%.spawn: expects a function, got nil"}, "local x\nmt.spawn(x)")
  end)
end)

describe("cancel", function()
  it("runs closers, the last one first, and nothing else of the task", function()
    prints({"inner", "outer", "false\tcancelled", "cancelled"}, CLOSER .. [[
      local task = mt.spawn(function()
        local _ <close> = closer(function() print("outer") end)
        local _ <close> = closer(function() print("inner") end)
        pcall(mt.sleep, "1h")
        print("never")
      end)
      mt.sleep(0)
      task:cancel()
      task:cancel()
      local ok, err = task:join()
      print(ok, err.kind)
      print(task:status())
    ]])
  end)

  it("of a task that has not begun runs nothing of it", function()
    prints({"false"}, [[local task = mt.spawn(print, "never") task:cancel() print((task:join()))]])
  end)

  it("of itself takes effect at once", function()
    prints({"closed"}, CLOSER .. [[
      local task
      task = mt.spawn(function()
        local _ <close> = closer(function() print("closed") end)
        pcall(function() task:cancel() print("never") end)
        print("nor this")
      end)
    ]])
  end)

  it("takes the tasks that it spawned with it, a return leaves them", function()
    prints({"child of the cancelled closed", "child of the returned goes on"}, CLOSER .. [[
      local begun, cancelled
      local parent = mt.spawn(function()
        mt.spawn(function()
          local _ <close> = closer(function() print("child of the cancelled closed") end)
          begun = true
          mt.sleep("1h")
        end)
        mt.sleep("1h")
      end)
      mt.spawn(function()
        mt.spawn(function() repeat mt.sleep(0) until cancelled print("child of the returned goes on") end)
      end)
      repeat mt.sleep(0) until begun
      parent:cancel()
      cancelled = true
    ]])
  end)

  it("lets a closer spawn, and not wait", function()
    prints({"false\ttrue", "spawned by the closer"}, CLOSER .. [[
      local task = mt.spawn(function()
        local _ <close> = closer(function()
          mt.spawn(function() mt.sleep(0.01) print("spawned by the closer") end)
          local ok, why = pcall(mt.sleep, 1)
          print(ok, why:find("cannot wait while a task is being closed", 1, true) ~= nil)
        end)
        mt.sleep("1h")
      end)
      mt.sleep(0)
      task:cancel()
    ]])
  end)

  it("closes the script's own coroutines that the task is in", function()
    prints({"inner", "outer"}, CLOSER .. [[
      local task = mt.spawn(function()
        local _ <close> = closer(function() print("outer") end)
        coroutine.wrap(function()
          local _ <close> = closer(function() print("inner") end)
          mt.sleep("1h")
        end)()
      end)
      mt.sleep(0)
      task:cancel()
    ]])
  end)

  it("tells of a closer that fails", function()
    fails({"closing the task [^\n]*: [^\n]*broken closer"}, CLOSER .. [[
      local task = mt.spawn(function()
        local _ <close> = closer(function() error("broken closer") end)
        mt.sleep("1h")
      end)
      mt.sleep(0)
      task:cancel()
    ]])
  end)
end)

describe("groups", function()
  it("map keeps the order, nil and second results", function()
    prints({"2\tnil\t6", "nil\twhy\tnil"}, [[
      local first, second = mt.map({1, 2, 3}, function(n)
        mt.sleep(0.03 - n / 100)
        if n == 2 then return nil, "why" end
        return 2 * n
      end)
      print(first[1], first[2], first[3])
      print(second[1], second[2], second[3])
    ]])
  end)

  it("map runs at most `limit` at once", function()
    prints({"2", "10"}, [[
      local now, most, done = 0, 0, 0
      mt.map({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, function()
        now = now + 1
        most = math.max(most, now)
        mt.sleep(0)
        now, done = now - 1, done + 1
      end, {limit = 2})
      print(most) print(done)
    ]])
  end)

  it("of nothing end at once", function()
    prints({"0\t0"}, [[print(#mt.all {}, #mt.map({}, print))]])
  end)

  it("an error in one cancels the siblings, and is raised at the caller with its traceback", function()
    local result = fails({"%.lua:5: boom\nstack traceback:", "%.lua:3: in main chunk"}, CLOSER .. [[

      mt.all {
        function() local _ <close> = closer(function() print("sibling closed") end) mt.sleep("1h") end,
        function() mt.sleep(0) error("boom") end}
    ]])
    assert.are.equal("sibling closed\n", result.out)
  end)

  it("race gives the first's results and cancels the others", function()
    prints({"loser closed", "fast\t2"}, CLOSER .. [[
      print(mt.race {
        function() local _ <close> = closer(function() print("loser closed") end) mt.sleep("1h") end,
        function() mt.sleep(0.01) return "fast", 2 end,
      })
    ]])
  end)

  it("race raises what the first raises", function()
    prints({"false\tfirst"}, [[
      print(pcall(mt.race, {function() mt.sleep("1h") end, function() mt.sleep(0) error("first", 0) end}))
    ]])
  end)

  it("timeout gives the results, or nil, err of kind timeout", function()
    prints({"1\tnil\t3", "nil\ttimeout\tmt.timeout: not done within 10ms"}, [[
      print(mt.timeout(10, function(...) return ... end, 1, nil, 3))
      local nothing, err = mt.timeout("10ms", mt.sleep, "1h")
      print(nothing, err.kind, err)
    ]])
  end)

  it("end with the task that is in them", function()
    prints({"member closed", "cancelled"}, CLOSER .. [[
      local begun
      local task = mt.spawn(function()
        mt.all {function()
          local _ <close> = closer(function() print("member closed") end)
          begun = true
          mt.sleep("1h")
        end}
      end)
      repeat mt.sleep(0) until begun
      task:cancel()
      print(task:status())
    ]])
  end)

  it("refuse what is not theirs", function()
    for message, code in pairs {
      ["mt%.all: item 2 must be a function, got number"] = "mt.all {print, 1}",
      ["mt%.all: item 2 must be a function, got nil"] = "mt.all {print, nil, print}",
      ["mt%.race: expects at least one function"] = "mt.race {}",
      ['mt%.map: unknown option "limt" %(did you mean "limit"%?%)'] = "mt.map({}, print, {limt = 1})",
      ['mt%.timeout: argument "duration" must be a duration'] = "mt.timeout('soon', print)",
      ['mt%.sleep: argument "duration" must be a duration'] = "mt.sleep(-1)",
      ["mt%.every: the interval must be at least 1ms"] = "mt.every(0, print)",
    } do
      fails({"%.lua:1: " .. message}, code)
    end
  end)
end)

describe("a wait inside a script's own coroutine", function()
  it("suspends the whole task, and coroutine.yield only the coroutine", function()
    prints({"1\t2\tother ran"}, [[
      local other
      mt.spawn(function() other = "other ran" end)
      local values = coroutine.wrap(function()
        for i = 1, 2 do mt.sleep(0.001) coroutine.yield(i) end
      end)
      print(values(), values(), other)
    ]])
  end)

  it("works through resume, nested, in pcall, iterators, metamethods and __close", function()
    prints({"true\tdeep", "a", "b", "3", "closed"}, CLOSER .. [[
      local co = coroutine.create(function()
        return coroutine.wrap(function() return select(2, pcall(function() mt.sleep(0) return "deep" end)) end)()
      end)
      print(coroutine.resume(co))
      for letter in coroutine.wrap(function() for c in ("ab"):gmatch(".") do mt.sleep(0) coroutine.yield(c) end end) do
        print(letter)
      end
      print(setmetatable({}, {__add = function(_, n) mt.sleep(0) return n end}) + 3)
      do local _ <close> = closer(function() mt.sleep(0) print("closed") end) end
    ]])
  end)

  it("is refused where it cannot be, at the caller's line", function()
    for _, call in ipairs {
      "table.sort({2, 1}, function() mt.sleep(0) end)", "('x'):gsub('x', function() mt.sleep(0) end)",
    } do
      fails({"%.lua:1: mt%.sleep: cannot wait inside table%.sort, string%.gsub, require"}, call)
    end
  end)

  it("keeps the coroutine for the task that it waits in", function()
    prints({"false\tcannot resume a coroutine that waits in another task", "normal", "true\tdone"}, [[
      local co = coroutine.create(function() mt.sleep(0.02) return "done" end)
      local owner = mt.spawn(function() return coroutine.resume(co) end)
      mt.sleep(0)
      print(coroutine.resume(co))
      print(coroutine.status(co))
      print(select(2, owner:join()))
    ]])
  end)
end)

describe("tasks that wait for each other", function()
  it("are told of as a deadlock", function()
    local result = host.script [[
      local a, b
      a = mt.spawn(function() b:join() end)
      b = mt.spawn(function() a:join() end)
    ]]
    assert.are.equal(1, result.code)
    assert.matches("deadlock: 2 task%(s%) wait for something that cannot happen", result.err)
  end)

  it("a task cannot join itself", function()
    fails({"task:join: a task cannot wait for itself"}, [[local t t = mt.spawn(function() t:join() end)]])
  end)
end)

describe("timers", function()
  it("run again and again until they are stopped, and missed calls fall out", function()
    prints({"3"}, [[
      local n, timer = 0
      timer = mt.every("1ms", function()
        n = n + 1
        mt.sleep("5ms")
        if n == 3 then timer:stop() print(n) end
      end)
    ]])
  end)

  it("tell of an error, which stops them", function()
    fails({"%.lua:1: tick"}, [[mt.every("1ms", function() error("tick") end)]])
  end)
end)
