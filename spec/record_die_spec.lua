-- Hooks on "die": heard from engines. The first half has a real one, the second what a script makes of one.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "record_die"

local function said(result) return (result.err:gsub("%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z ", "")) end

describe("a hook on die", function()
  teardown(function() engine.clean(LABEL) end)

  it("hears why managed containers ended, not others', and keeps the script alive until it is stopped", function()
    local result = host.script([[
      local LABEL = ...
      local hook
      local heard = {}
      hook = mt.on("die", function(ev)
        heard[#heard + 1] = table.concat({ev.name, ev.reason, tostring(ev.data.requested), tostring(ev.data.oom),
          ev.data.exit_code}, ", ")
        assert(ev.image == "moontide/web" and ev.status == "exited" and #ev.container_id == 64)
        assert(ev.engine == os.getenv "DOCKER_HOST" and math.abs(ev.time - mt.now()) < 20)
        assert(ev.service == (ev.name == "die-three" and "shop" or nil))
        if #heard < 4 then return end
        hook:stop()
        table.sort(heard)
        print(table.concat(heard, "\n"))
      end)
      local owner = assert(require("moontide.record").owner())
      local function run(name, labels, command, wait)
        labels.spec = LABEL
        assert(mt.docker.run {
          name = name, image = "moontide/web", labels = labels, restart = "no", resources = {memory = "6m"},
          command = command, host_config = {NetworkMode = "none"},
        })
        if wait then mt.docker.wait(name) end
      end
      local MINE = "orchestrator.image"
      mt.all {
        function() run("die-foreign", {[MINE] = "moontide/web", ["moontide.owner"] = "another's"}, {"false"}, true) end,
        function() run("die-unmanaged", {}, {"false"}, true) end,
        function()
          run("die-memory", {[MINE] = "moontide/web"}, {"sh", "-c", "x=a; while :; do x=$x$x; done"}, true)
          run("die-killed", {[MINE] = "moontide/web", ["moontide.owner"] = owner})
          mt.docker.kill "die-killed"
        end,
        function()
          run("die-stopped", {[MINE] = "moontide/web"},
            {"sh", "-c", "trap 'exit 0' TERM; echo; while :; do sleep 0.1; done"})
          for _ in mt.docker.logs("die-stopped", {follow = true}) do break end -- it has set its trap
          mt.docker.stop "die-stopped"
        end,
      }
      run("die-three", {[MINE] = "moontide/web", ["moontide.service"] = "shop"}, {"sh", "-c", "exit 3"})]],
      {arguments = {LABEL}, timeout = 60})
    assert.are.same({0, "die-killed, exit code 137: killed, on request, true, false, 137\n"
      .. "die-memory, out of memory, false, true, 137\ndie-stopped, exit code 0, on request, true, false, 0\n"
      .. "die-three, exit code 3, false, false, 3\n", ""}, {result.code, result.out, result.err})
  end)

  it("hears of what dies right after it was made", function()
    local result = host.script([[
      local name = "die-at-once"
      mt.docker.create {name = name, image = "moontide/web", command = {"false"}, restart = "no",
        host_config = {NetworkMode = "none"},
        labels = {spec = ..., ["orchestrator.image"] = "moontide/web"}}
      local hook
      hook = mt.on("die", function(ev) if ev.name == name then print(ev.reason) hook:stop() end end)
      mt.docker.start(name)
      local begun = os.clock()
      while os.clock() - begun < 0.3 do end -- it is dead before the engine is asked for anything]],
      {arguments = {LABEL}})
    assert.are.same({0, "exit code 1\n", ""}, {result.code, result.out, result.err})
  end)

  it("waits for an engine that is not there, and says so once", function()
    local socket = os.tmpname()
    os.remove(socket)
    local result = host.script([[
      local socket, real = ...
      local hook
      hook = mt.on("die", function(ev) if ev.name == "die-later" then print(ev.reason) hook:stop() end end)
      mt.sleep(0.5)
      os.execute(("ln -s %s %s"):format(real, socket))
      assert(mt.docker.run {name = "die-later", image = "moontide/web", command = {"false"}, restart = "no",
        host_config = {NetworkMode = "none"},
        labels = {spec = "record_die", ["orchestrator.image"] = "moontide/web"}})]], {
      arguments = {socket, (os.getenv("DOCKER_HOST"):gsub("^unix://", ""))}, env = {DOCKER_HOST = "unix://" .. socket},
    })
    os.remove(socket)
    assert.are.same({0, "exit code 1\n"}, {result.code, result.out}, result.err)
    local line = said(result)
    assert.matches("^WARN  mt%.on: deaths on unix://%S+ cannot be heard: docker%.events: [^\n]+\n$", line)
  end)

  it("ends with the script that fails, and at SIGTERM", function()
    local result = host.script [[mt.on("die", print) error "no"]]
    assert.are.equal(4, result.code)
    result = host.script [[
      mt.on("die", print)
      mt.after(0.05, function() os.execute("kill -TERM " .. io.open("/proc/self/stat"):read "n") end)]]
    assert.are.same({0, ""}, {result.code, result.err})
  end)
end)

-- Engines that a script makes: `made(host, ...)` answers the n-th subscription with the n-th of the lists, whose
-- items are events, or functions, and waits at the end of the last.
local MADE = [[
  local record = require "moontide.record"
  local function event(name, action, more)
    local ev = {action = action or "die", type = "container", id = name, name = name, time = mt.now(), exit_code = 1,
      attributes = {["orchestrator.image"] = "nginx"}}
    for key, value in pairs(more or {}) do ev[key] = value end
    return ev
  end
  local function made(host, ...)
    local lists, count = {...}, 0
    return {host = function() return host end, events = function(options)
      count = count + 1
      local list, at = lists[count], 0
      if type(list) == "function" then return list() end
      return setmetatable({}, {__close = function() end, __call = function()
        at = at + 1
        while count == #lists and not list[at] do mt.sleep "1h" end
        if type(list[at]) == "function" then return list[at](options) end
        return list[at]
      end})
    end}
  end
  local function watch(docker) record.watch(docker, docker.host()) end
]]

-- The default engine says nothing.
local function script(code)
  return host.script(MADE .. code, {env = {DOCKER_HOST = "unix:///nowhere.sock"}})
end

local function without_default(result) return (said(result):gsub("[^\n]*/nowhere%.sock[^\n]*\n", "")) end

describe("the engines that a manager has told of", function()
  it("are heard, before and after the hook was made, each once", function()
    local result = script [[
      local one, two = made("tcp://one", {event "a"}), made("tcp://two", {event "b"})
      watch(one)
      watch(one)
      watch(made("tcp://one", {event "the same one"}))
      local heard = {}
      local hook
      hook = mt.on("die", function(ev)
        heard[#heard + 1] = ev.engine .. " " .. ev.name
        if #heard == 4 then hook:stop() table.sort(heard) print(table.concat(heard, ", ")) end
      end)
      mt.sleep(0.02)
      watch(two)
      mt.timeout(0.01, function() watch(made("injected", {event "c"})) mt.sleep "1h" end)
      watch(made("injected", {event "d"}))]]
    assert.are.same({0, "injected c, injected d, tcp://one a, tcp://two b\n", ""},
      {result.code, result.out, without_default(result)})
  end)

  it("are subscribed to again after a failure, and a gap is told of", function()
    local result = script [[
      local hook
      hook = mt.on("die", function(ev) print(ev.name) if ev.name == "c" then hook:stop() end end)
      watch(made("tcp://x", function() return nil, "not now" end, function() return nil, "not now" end,
        {event "a", function() error "cut" end},
        {event("", "gap", {detail = "forgotten"}), event "b"}, {event "c"}))]]
    assert.are.same({0, "a\nb\nc\n"}, {result.code, result.out}, result.err)
    assert.matches("^WARN  mt%.on: deaths on tcp://x cannot be heard: not now\n"
      .. "WARN  mt%.on: deaths on tcp://x cannot be heard: [^\n]*cut\n"
      .. "WARN  mt%.on: deaths on tcp://x may have been missed: forgotten\n$", without_default(result))
  end)

  it("are asked from the moment on at which the hook was made, or the last subscription ended", function()
    local result = script [[
      local hook
      local engine = made("tcp://x", {function(options) print(options.since) mt.sleep(2) error "cut" end},
        {function(options) print(options.since) hook:stop() mt.sleep "1h" end})
      watch(engine)
      hook = mt.on("die", print)
      local begun = os.clock()
      while os.clock() - begun < 0.1 do end]]
    local first, second = result.out:match "^(%d+)ms\n(%d+)ms\n$"
    assert.is_true(tonumber(first) >= 100 and tonumber(second) < 2000, result.out .. result.err)
  end)

  it("tell of the containers of this state file, and of those that were adopted", function()
    local result = script [[
      local hook
      hook = mt.on("die", function(ev) print(ev.name) if ev.name == "last" then hook:stop() end end)
      local owner = assert(record.owner())
      local function adopt(engine, name)
        assert(record.put_slot {engine = engine, image = "nginx", name = name, container_id = name, state = "adopted"})
      end
      adopt("tcp://x", "taken")
      adopt("tcp://y", "other")
      local function of(name, owner)
        return event(name, "die", {attributes = {["orchestrator.image"] = "nginx", ["moontide.owner"] = owner}})
      end
      watch(made("tcp://x", {of("mine", owner), of("foreign", "another"), of("taken", "another"), of("other", "another"),
        of "nobody's", of("last", owner)}))]]
    assert.are.same({0, "mine\ntaken\nnobody's\nlast\n", ""}, {result.code, result.out, without_default(result)})
  end)

  it("are heard without their containers' owner when the state file cannot be read, which is said", function()
    local result = host.script(MADE .. [[
      local hook
      hook = mt.on("die", function(ev) print(ev.name) hook:stop() end)
      watch(made("tcp://x", {
        event("a", "die", {attributes = {["orchestrator.image"] = "nginx", ["moontide.owner"] = "who"}}), event "b"}))]],
      {env = {DOCKER_HOST = "unix:///nowhere.sock", MOONTIDE_STATE = "/etc/passwd"}})
    assert.are.same({0, "b\n"}, {result.code, result.out})
    assert.matches("^WARN  mt%.on: a died %(exit code 1%), and whose it is cannot be seen: record%.owner: [^\n]*"
      .. "/etc/passwd[^\n]*\n$", without_default(result))
  end)

  it("that have no events are left alone", function()
    local result = script [[
      record.watch({}, "injected")
      local hook = mt.on("die", print)
      mt.sleep(0.01)
      hook:stop()]]
    assert.are.same({0, ""}, {result.code, without_default(result)})
  end)

  it("are heard by each hook, and by those that are left when one is stopped", function()
    local result = script [[
      local engine, reached = {host = function() return "tcp://x" end}, 0
      function engine.events()
        local at = 0
        return setmetatable({}, {__close = function() print "closed" end, __call = function()
          at = at + 1
          while at > reached do mt.sleep(0.01) end
          return event("n" .. at)
        end})
      end
      watch(engine)
      local heard = 0
      local first = mt.on("die", function(ev) heard = heard + 1 print("first", ev.name) end)
      local second
      second = mt.on("die", function(ev)
        heard = heard + 1
        print("second", ev.name)
        if ev.name == "n2" then second:stop() end
      end)
      reached = 1
      while heard < 2 do mt.sleep(0.01) end
      first:stop()
      reached = 2]]
    assert.are.same({0, "first\tn1\nsecond\tn1\nclosed\nsecond\tn2\nclosed\n"}, {result.code, result.out}, result.err)
  end)
end)
