-- mt.on: who hears of what, what a hook may do, and when it ends. Deaths: record_die_spec.
local host = require "spec.support.host"

local PRELUDE = [[
local record = require "moontide.record"
local function happens(event, more)
  local ev = {event = event, image = "nginx"}
  for key, value in pairs(more or {}) do ev[key] = value end
  return assert(record.fact(ev))
end
]]

local function prints(lines, code, options)
  local result = host.script(PRELUDE .. code, options)
  local text = #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
  assert.are.same({0, text, ""}, {result.code, result.out, result.err})
end

-- The log's messages, without their times.
local function said(result) return (result.err:gsub("%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z ", "")) end

describe("mt.on", function()
  it("hears of its event with all that is known, and a time", function()
    prints({'{"container_id":"abc","data":{"n":1},"engine":"e","event":"stop","image":"nginx","name":"n-1","ports":{},'
      .. '"reason":"too many","service":"s","status":"exited","time":7}', "true", "create"}, [[
      mt.on("stop", function(ev) print(mt.json.encode(ev)) end)
      mt.on("create", function(ev) print(math.abs(ev.time - mt.now()) < 5) print(ev.event) end)
      happens("stop", {time = 7, engine = "e", service = "s", container_id = "abc", name = "n-1", status = "exited",
        ports = {}, reason = "too many", data = {n = 1}, unknown = "left out"})
      happens "scale"
      happens "create"]])
  end)

  it("takes every event there is", function()
    prints({"11"}, [[
      local count = 0
      for event in ("create start stop remove scale plan ready unready alert error die"):gmatch "%w+" do
        local hook = mt.on(event, function() count = count + 1 end)
        local before = count
        happens(event)
        while count == before do mt.sleep(0.001) end
        hook:stop()
      end
      print(count)]])
  end)

  it("refuses what is no event or no function, at the script's line", function()
    local cases = {
      {'mt.on("creat", print)', 'mt.on: unknown event "creat" (did you mean "create"?)'},
      {'mt.on("zzzzzz", print)', 'mt.on: unknown event "zzzzzz"; valid: create, start, stop, die, remove, scale, plan, '
        .. 'ready, unready, alert, error'},
      {'mt.on(1, print)', 'mt.on: argument "event" must be a string, got number 1'},
      {'mt.on("create")', 'mt.on: expects a function, got nil'},
    }
    for _, case in ipairs(cases) do
      local result = host.eval(("local ok, why = pcall(function() %s end) print(why)"):format(case[1]))
      assert.are.equal("eval:1: " .. case[2] .. "\n", result.out, result.err)
    end
  end)

  it("gives each hook a table of its own, and leaves the caller's alone", function()
    prints({"nginx 1", "nginx 1", "1", "true"}, [[
      local calls = 0
      local function meddle(ev)
        print(ev.image .. " " .. ev.data.env.n)
        ev.image, ev.data.env.n = "other", 2
        calls = calls + 1
      end
      mt.on("create", function(ev) ev.ports.x = 1 ev.data.env.n = 2 end)
      mt.on("create", meddle)
      mt.on("create", meddle)
      local ev = {event = "create", image = "nginx", ports = {}, data = {env = {n = 1}, list = mt.json.array {}}}
      assert(record.fact(ev))
      repeat mt.sleep(0) until calls == 2
      print(ev.data.env.n)
      print(next(ev.ports) == nil)]])
  end)

  it("tells hooks the secrets that the journal does not have", function()
    prints({"hunter2-hunter2 hunter2-hunter2", "(redacted)"}, [[
      local called
      mt.on("create", function(ev) called = true print(ev.data.env.PASSWORD .. " " .. ev.reason) end)
      happens("create", {reason = "hunter2-hunter2", data = {env = {PASSWORD = "hunter2-hunter2"}}})
      repeat mt.sleep(0) until called
      print(record.history {limit = 1}[1].data.env.PASSWORD)]])
  end)

  it("does not hear of what was only intended", function()
    prints({"made"}, [[
      mt.on("create", function(ev) print(ev.reason) end)
      local slot = {engine = "e", image = "nginx", name = "n-1", container_id = "", state = "intended"}
      assert(record.put_slot(slot, {event = "create", image = "nginx", reason = "intended", intent = true}))
      happens("create", {reason = "made"})]])
  end)

  it("hears of what comes with a wish", function()
    prints({"scale"}, [[
      mt.on("scale", function(ev) print(ev.event) end)
      assert(record.put_wish("e", "nginx", {}, {event = "scale", image = "nginx"}))]])
  end)
end)

describe("a hook", function()
  it("that raises is reported with its traceback, and breaks nothing: not the others, nor the exit code", function()
    local result = host.script(PRELUDE .. [[
      local function deep() error("no\tway") end
      mt.on("create", function() deep() end)
      mt.on("create", function() print "second" end)
      mt.on("create", function() error {code = 1} end)
      print(happens "create")]])
    assert.are.same({0, "true\nsecond\n"}, {result.code, result.out}, result.err)
    assert.matches('^ERROR mt%.on: the hook on "create" failed: [^\n]*%.lua:%d+: no  way\n', said(result))
    assert.matches("failed: stack traceback:\n.-in [%w ]*'deep'\n", said(result))
    assert.matches("table value", said(result))
  end)

  it("is heard of and goes on: its next call comes", function()
    local result = host.script(PRELUDE .. [[
      mt.on("create", function(ev) if ev.name == "a" then error "no" end print(ev.name) end)
      happens("create", {name = "a"})
      happens("create", {name = "b"})]])
    assert.are.same({0, "b\n"}, {result.code, result.out})
  end)

  it("may wait, and holds nobody up", function()
    prints({"told", "two", "one"}, [[
      local go
      mt.on("create", function(ev)
        while go ~= ev.name do mt.sleep(0.01) end
        print(ev.name)
        go = "one"
      end)
      happens("create", {name = "one"})
      happens("create", {name = "two"})
      print "told"
      go = "two"]])
  end)

  it("that was stopped hears nothing more, not even what was told just before; what runs ends by itself", function()
    prints({"a runs", "a ends"}, [[
      local runs, stopped
      local hook = mt.on("create", function(ev)
        print(ev.name .. " runs")
        runs = true
        repeat mt.sleep(0) until stopped
        print(ev.name .. " ends")
      end)
      happens("create", {name = "a"})
      repeat mt.sleep(0) until runs
      require("moontide.record.hooks").tell {event = "create", name = "b"}
      hook:stop()
      hook:stop()
      stopped = true
      happens("create", {name = "c"})]])
  end)

  it("may stop itself and make others", function()
    prints({"first", "second"}, [[
      local hook, other
      hook = mt.on("create", function()
        print "first"
        hook:stop()
        other = mt.on("create", function() print "second" end)
      end)
      happens "create"
      repeat mt.sleep(0) until other
      happens "create"]])
  end)

  it("does not keep the script alive", function() prints({}, [[mt.on("create", print)]]) end)

  it("ends its call although the operation that told it was cancelled", function()
    prints({"called", "ended"}, [[
      local called
      mt.on("create", function() print "called" called = true mt.sleep(0.05) print "ended" end)
      local operation = mt.spawn(function()
        happens "create"
        mt.sleep "1h"
      end)
      while not called do mt.sleep(0.01) end
      operation:cancel()]])
  end)

  it("ends with the task that made it when that fails or is cancelled, not when it returns", function()
    local result = host.script(PRELUDE .. [[
      local count = 0
      local function say(...) count = count + 1 print(...) end
      local made = mt.spawn(function() mt.on("create", function(ev) say("cancelled", ev.name) end) mt.sleep "1h" end)
      local failing = mt.spawn(function() mt.on("create", function(ev) print("failed", ev.name) end) error "no" end)
      mt.spawn(function() mt.on("create", function(ev) say("returned", ev.name) end) end)
      failing:join()
      happens("create", {name = "1"})
      repeat mt.sleep(0) until count == 2
      made:cancel()
      happens("create", {name = "2"})]])
    assert.are.same({0, "cancelled\t1\nreturned\t1\nreturned\t2\n", ""}, {result.code, result.out, result.err})
  end)

  it("with 1000 calls that do not end misses what comes then, and says so once", function()
    local result = host.script(PRELUDE .. [[
      local count, ended, free = 0, 0, false
      local gate = mt.spawn(function() while not free do mt.sleep(0.01) end end)
      mt.on("alert", function()
        count = count + 1
        gate:join()
        ended = ended + 1
      end)
      local hooks = require "moontide.record.hooks"
      for i = 1, 1100 do
        hooks.tell {event = "alert"}
        if i % 50 == 0 then mt.sleep() end
      end
      local function a_few_turns() for _ = 1, 10 do mt.sleep() end end
      while count < 1000 do mt.sleep(0.01) end
      a_few_turns()
      print(count)
      free = true
      while ended < 1000 do mt.sleep(0.01) end
      a_few_turns() -- until those who called know
      for _ = 1, 10 do hooks.tell {event = "alert"} end
      while ended < 1010 do mt.sleep(0.01) end
      print(count)]])
    assert.are.same({0, "1000\n1010\n"}, {result.code, result.out}, result.err)
    assert.matches('^WARN  mt%.on: 1000 calls of the hook on "alert" %([^\n]*%.lua:9%) have not ended: until they do, it hears '
      .. 'of nothing more\n$', said(result))
  end)

  it("hears of what happened although the journal cannot be written", function()
    local result = host.script(PRELUDE .. [[
      mt.on("stop", function(ev) print(ev.event) end)
      local done, err = record.fact {event = "stop", image = "nginx"}
      print(done, err.op)]], {env = {MOONTIDE_STATE = "/proc/nowhere/state.db"}})
    assert.are.same({0, "nil\trecord.fact\nstop\n", ""}, {result.code, result.out, result.err})
  end)
end)
