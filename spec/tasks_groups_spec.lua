-- mt.all, map, race, timeout, and timers, where tasks_spec.lua ends. Order is asserted, not time.
local host = require "spec.support.host"

local PRELUDE = [[
local function closer(text) return setmetatable({}, {__close = function() print(text) end}) end
]]

local function ends(code, lines, script)
  local result = host.script(PRELUDE .. script)
  assert.are.same({code, table.concat(lines, "\n") .. "\n"}, {result.code, result.out}, result.err)
  return result.err
end

local function prints(lines, script) assert.are.equal("", ends(0, lines, script)) end

describe("mt.all", function()
  it("gives the first results by index, whoever ends first, and the second results beside", function()
    prints({"slow\tnil\tfalse", "nil\twhy\t2"}, [[
      local first, second = mt.all {
        function() mt.sleep("3ms") return "slow" end,
        function() mt.sleep("2ms") return nil, "why" end,
        function() return false, 2, "third is left out" end,
      }
      print(first[1], first[2], first[3])
      print(second[1], second[2], second[3])
    ]])
  end)

  it("raises the error object itself", function()
    prints({"true"}, [[
      local object = setmetatable({}, {__tostring = function() return "mine" end})
      local ok, err = pcall(mt.all, {function() error(object) end})
      print(not ok and err == object)
    ]])
  end)

  it("raises when its siblings are closed, and is not told of beside", function()
    prints({"closed 1", "closed 2", "false\tboom"}, [[
      print(pcall(mt.all, {
        function() local _ <close> = closer("closed 1") mt.sleep("1h") end,
        function() local _ <close> = closer("closed 2") mt.sleep("1h") end,
        function() mt.sleep("1ms") error("boom", 0) end,
      }))
    ]])
  end)

  it("raises the first of several errors", function()
    prints({"false\tfirst"}, [[
      local both = mt.spawn(function() for _ = 1, 5 do mt.sleep(0) end end) -- lets them on in the order in which they came
      print(pcall(mt.all, {
        function() mt.sleep(0) both:join() error("second", 0) end, function() both:join() error("first", 0) end,
      }))
    ]])
  end)

  it("in mt.all closes the whole tree, the innermost first", function()
    prints({"inner", "middle", "false\tboom"}, [[
      print(pcall(mt.all, {
        function()
          local _ <close> = closer("middle")
          mt.all {function() local _ <close> = closer("inner") mt.sleep("1h") end}
        end,
        function() mt.sleep("2ms") error("boom", 0) end,
      }))
    ]])
  end)

  it("tells where an error comes from through every group", function()
    local err = ends(4, {"begin"}, [[
      print("begin")
      mt.all {function()
        mt.all {function() error("deep") end}
      end}
    ]])
    assert.matches("^moontide: [^\n]+:4: deep\nstack traceback:\n.*:4: in .*:4: in .*:3: in main chunk\n$", err)
  end)

  it("takes a member that was cancelled for an error of kind cancelled", function()
    prints({"false\tcancelled"}, [[
      local member
      local ok, err = pcall(mt.all, {function()
        member = mt.spawn(function() mt.sleep("1h") end)
        mt.spawn(function() member:cancel() end)
        local done, why = member:join()
        if not done then error(why) end
      end})
      print(ok, err.kind)
    ]])
  end)
end)

describe("mt.map", function()
  it("hands each item and its index, and starts them in order", function()
    prints({"a1 b2 c3"}, [[
      local log = {}
      mt.map({"a", "b", "c"}, function(item, i) log[i] = item .. i mt.sleep(0) end)
      print(table.concat(log, " "))
    ]])
  end)

  it("starts the next as soon as one of `limit` has ended", function()
    prints({"+1 +2 -2 +3 -3 +4 -4 -1"}, [[
      local log = {}
      mt.map({1, 2, 3, 4}, function(n)
        log[#log + 1] = "+" .. n
        repeat mt.sleep(0) until n > 1 or log[#log] == "-4"
        log[#log + 1] = "-" .. n
      end, {limit = 2})
      print(table.concat(log, " "))
    ]])
  end)

  it("starts no more after an error", function()
    prints({"1", "2", "false\tboom"}, [[
      print(pcall(mt.map, {1, 2, 3, 4}, function(n)
        print(n)
        mt.sleep(0)
        if n == 2 then error("boom", 0) end
        mt.sleep("1h")
      end, {limit = 2}))
    ]])
  end)

  it("refuses a limit that is none", function()
    for message, limit in pairs {
      ['option "limit" must be at least 1, got 0'] = "0", ['option "limit" must be a whole number, got number 1.5'] = "1.5",
      ['option "limit" must be a whole number'] = "'2'",
    } do
      local err = ends(4, {"x"}, ("print('x') mt.map({}, print, {limit = %s})"):format(limit))
      assert.truthy(err:find(message, 1, true), err)
    end
  end)
end)

describe("mt.race", function()
  it("is won by a value that is nil, err too", function()
    prints({"nil\tno"}, [[print(mt.race {function() return nil, "no" end, function() mt.sleep("1h") end})]])
  end)

  it("is won by the first in the list when all are ready", function()
    prints({"1"}, [[print(mt.race {function() return 1 end, function() return 2 end})]])
  end)

  it("ends when it is cancelled, with its runners", function()
    prints({"runner", "racer"}, [[
      local running
      local task = mt.spawn(function()
        local _ <close> = closer("racer")
        mt.race {function() local _ <close> = closer("runner") running = true mt.sleep("1h") end}
      end)
      repeat mt.sleep(0) until running
      task:cancel()
    ]])
  end)
end)

describe("mt.timeout", function()
  it("closes what it ends before it returns", function()
    prints({"closed", "nil\ttimeout"}, [[
      local value, err = mt.timeout("1ms", function() local _ <close> = closer("closed") mt.sleep("1h") end)
      print(value, err.kind)
    ]])
  end)

  it("raises what the function raises", function()
    prints({"false\tboom"}, [[print(pcall(mt.timeout, 1, error, "boom"))]])
  end)

  it("can stand in another one: the shorter counts", function()
    prints({"nil\tnot done within 1ms", "nil\tnot done within 2ms"}, [[
      local _, inner = mt.timeout("1h", function() return mt.timeout("1ms", mt.sleep, "1h") end)
      print(_, inner.message)
      local _, outer = mt.timeout("2ms", function() return mt.timeout("1h", mt.sleep, "1h") end)
      print(_, outer.message)
    ]])
  end)

  it("cannot end what never waits", function()
    local result = host.script("mt.timeout('1ms', function() while true do end end)",
      {before = {"--script-budget", "50ms"}})
    assert.are.equal(4, result.code)
    assert.matches("script budget exceeded", result.err)
  end)
end)

describe("time", function()
  it("is seconds, or text with units", function()
    prints({"7ms", "0.006", "0.005s"}, [[
      for _, case in ipairs {{"7ms", 0.007}, {0.006, 0.006}, {"0.005s", 0.005}} do
        local before = mt.monotonic()
        mt.sleep(case[1])
        local took = mt.monotonic() - before
        print(took >= case[2] and took < case[2] + 4 and case[1] or took) -- 5 would be seconds
      end
    ]])
  end)

  it("goes on: what mt.sleep promises has passed, for mt.now and mt.monotonic", function()
    prints({"true\ttrue"}, [[
      local now, monotonic = mt.now(), mt.monotonic()
      mt.sleep("5ms")
      print(mt.monotonic() - monotonic >= 0.005, mt.now() - now > 0.004)
    ]])
  end)

  it("is refused when it is none, with the place of the call", function()
    for _, call in ipairs {
      "mt.sleep('1x')", "mt.sleep({})", "mt.sleep(0/0)", "mt.after('', print)", "mt.every(-1, print)", "mt.timeout({}, print)",
    } do
      local err = ends(4, {"x"}, "print('x')\n" .. call)
      assert.matches("%.lua:3: mt%.%l+: ", err, call)
    end
  end)

  it("does not change the order of what sleeps the same: first come, first served", function()
    local script = [[
      local log = {}
      local fns = {}
      for i = 1, 20 do fns[i] = function() mt.sleep(0) mt.sleep(0) log[#log + 1] = i end end
      mt.all(fns)
      print(table.concat(log, " "))
    ]]
    prints({"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"}, script)
  end)
end)

describe("mt.after", function()
  it("calls once, and not when it is stopped while it waits", function()
    prints({"called"}, [[
      local timer = mt.after("1ms", function() print("never") end)
      mt.after("2ms", function() print("called") end)
      mt.sleep(0)
      timer:stop()
      timer:stop()
    ]])
  end)

  it("ends with the task that set it", function()
    prints({"over"}, [[
      local task = mt.spawn(function()
        mt.after("5ms", function() print("never") end)
        mt.sleep("1h")
      end)
      mt.sleep("1ms")
      task:cancel()
      mt.sleep("20ms")
      print("over")
    ]])
  end)

  it("lets its function wait, spawn and be stopped meanwhile", function()
    prints({"begin", "end"}, [[
      local running
      local timer = mt.after(0, function() print("begin") running = true mt.sleep("1ms") print("end") end)
      repeat mt.sleep(0) until running
      timer:stop()
    ]])
  end)
end)

describe("mt.every", function()
  it("never runs its function twice at once", function()
    prints({"1"}, [[
      local inside, most, calls, timer = 0, 0, 0
      timer = mt.every("1ms", function()
        inside = inside + 1
        most = math.max(most, inside)
        mt.sleep("3ms")
        inside, calls = inside - 1, calls + 1
        if calls == 3 then
          timer:stop()
          print(most)
        end
      end)
    ]])
  end)

  it("stops another timer", function()
    prints({"stopped"}, [[
      local busy = mt.every("1ms", function() end)
      mt.after("5ms", function() busy:stop() print("stopped") end)
    ]])
  end)
end)
