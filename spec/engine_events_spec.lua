-- Events of a real engine, as they come. curl does what they are of.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_events"

local function value(code, options) return engine.value(LABEL, code, options) end

-- `mine(filters, extra)`: events of this file's containers. `names(events, n)`: the next n, in short; less after 20 s.
local HELPERS = [[
  local function mine(filters, extra)
    filters = filters or {}
    filters.label = filters.label or "spec=" .. LABEL
    extra = extra or {}
    extra.filters = filters
    return (assert(docker.events(extra)))
  end
  local function names(events, count)
    local list = {}
    mt.timeout(20, function()
      for event in events do
        list[#list + 1] = event.action .. " " .. event.name
        if #list == count then break end
      end
    end)
    return list
  end
]]

local function watching(code, options) return value(HELPERS .. code, options) end

local LIFE = [[
  local function live(name)
    assert(docker.run(web {name = name}))
    assert(docker.exec(name, {"true"}))
    assert(docker.update(name, {pids = 50}))
    assert(docker.kill(name, {signal = "KILL"}))
    docker.wait(name)
    assert(docker.remove(name))
  end
]]

describe("the events of a container", function()
  teardown(function() engine.clean(LABEL) end)

  it("tell its life, in order and in full", function()
    local list = watching(LIFE .. [[
      local list = {}
      local events = mine {type = "container"}
      local living = mt.spawn(live, "spec-life")
      for event in events do
        list[#list + 1] = event
        if event.action == "destroy" then break end
      end
      assert(living:join())
      return list
    ]])
    local actions, by, last = {}, {}, 0
    for i, event in ipairs(list) do
      actions[i], by[event.action] = event.action, event
      assert.are.same({"container", "spec-life", "moontide/web"}, {event.type, event.name, event.image})
      assert.are.equal(list[1].id, event.id)
      assert.is_true(event.time_nano >= last and math.abs(event.time - event.time_nano / 1e9) < 1e-3)
      assert.are.equal(LABEL, event.attributes.spec)
      last = event.time_nano
    end
    assert.are.same({"create", "start", "exec_create", "exec_start", "exec_die", "update", "kill", "die", "destroy"},
      actions)
    assert.are.same({64, 9, 137, 0}, {#list[1].id, by.kill.signal, by.die.exit_code, by.exec_die.exit_code})
    assert.matches("^true *$", by.exec_create.detail) -- the engine puts a blank after each word
    assert.are.equal(by.exec_create.detail, by.exec_start.detail)
    assert.is_truthy(by.exec_create.attributes.execID)
  end)

  it("are each subscriber's as it asks for them", function()
    local got = watching(LIFE .. [[
      local filters = {
        all = {{event = {"create", "die"}, container = "spec-many", label = "spec=" .. LABEL}, 4},
        one = {{container = "spec-many-2", event = {"start", "die"}}, 2},
        labels = {{label = {"spec=" .. LABEL, "name=spec-many-1"}, event = "destroy"}, 1},
        image = {{image = "moontide/web", event = "exec_create", type = "container", container = "spec-many"}, 2},
        network = {{type = "network", event = "disconnect", network = "bridge"}, 2},
      }
      local tasks, got, subscribed = {}, {}, 0
      for key, what in pairs(filters) do
        tasks[key] = mt.spawn(function()
          local events = assert(docker.events {filters = what[1]})
          subscribed = subscribed + 1
          return names(events, what[2])
        end)
      end
      while subscribed < 5 do mt.sleep(0.005) end
      live "spec-many-1"
      live "spec-many-2"
      for key, task in pairs(tasks) do got[key] = select(2, task:join()) end
      return got
    ]])
    assert.are.same({
      all = {"create spec-many-1", "die spec-many-1", "create spec-many-2", "die spec-many-2"},
      one = {"start spec-many-2", "die spec-many-2"}, labels = {"destroy spec-many-1"},
      image = {"exec_create spec-many-1", "exec_create spec-many-2"}, network = {"disconnect bridge", "disconnect bridge"},
    }, got)
  end)

  it("of the past come, too, from a time or a duration on", function()
    local got = watching [[
      for i = 1, 3 do assert(docker.create(web {name = "spec-past-" .. i})) end
      local create = {event = "create", container = "spec-past-"}
      local ago = names(mine(create, {since = "1m"}), 3)
      local times = {}
      for event in mine({event = "create", container = "spec-past-"}, {since = "1m"}) do
        times[#times + 1] = event.time
        if #times == 3 then break end
      end
      local function later()
        mt.sleep(1.01) -- the engine tells its time in whole seconds
        local events = mine {event = "create", container = "spec-past-"}
        assert(docker.create(web {name = "spec-past-4"}))
        return names(events, 1)
      end
      return {ago = ago, from = names(mine({event = "create", container = "spec-past-"}, {since = times[2] - 1e-5}), 2),
        now = later()}
    ]]
    assert.are.same({"create spec-past-1", "create spec-past-2", "create spec-past-3"}, got.ago)
    assert.are.same({"create spec-past-2", "create spec-past-3"}, got.from)
    assert.are.same({"create spec-past-4"}, got.now)
  end)

  it("tell of its health", function()
    assert.are.same({{"health_status", "healthy"}, {"health_status", "unhealthy"}}, watching [[
      local events = mine {event = "health_status"}
      assert(docker.run(web {name = "spec-health", image = "moontide/health"}))
      local list = {}
      for event in events do
        list[#list + 1] = {event.action, event.detail}
        if #list == 2 then break end
        assert(docker.exec("spec-health", {"touch", "/tmp/sick"}))
      end
      return list
    ]])
  end)
end)

describe("a subscription", function()
  teardown(function() engine.clean(LABEL) end)

  it("is given back when the loop is left, by break, error, cancel and close", function()
    local got = watching [[
      local function listeners() return assert(docker.info()).NEventsListener end
      local before, inside, after = listeners(), {}, {}
      local function left(name, leave)
        leave(name)
        local till = mt.monotonic() + 20
        repeat after[name] = listeners() - before until after[name] == 0 or mt.monotonic() > till
      end
      local function look(name) inside[name] = listeners() - before end
      local function all() return assert(docker.events {since = "10m"}) end
      assert(docker.create(web {name = "spec-left"}))
      left("break", function(name) for _ in all() do look(name) break end end)
      left("error", function(name) pcall(function() for _ in all() do look(name) error "x" end end) end)
      left("close", function(name)
        local events = all()
        repeat look(name) until inside[name] > 0 -- the reply begins before the engine has noted it
        events:close()
      end)
      left("cancel", function(name)
        local task = mt.spawn(function() for _ in mine {event = "none"} do end end)
        repeat look(name) until inside[name] > 0
        task:cancel()
      end)
      return {inside = inside, after = after}
    ]]
    assert.are.same({["break"] = 1, error = 1, close = 1, cancel = 1}, got.inside)
    assert.are.same({["break"] = 0, error = 0, close = 0, cancel = 0}, got.after)
  end)

  it("loses nothing to a reader that is late, as long as it fits", function()
    local got = watching [[
      local id = assert(docker.create(web {name = "spec-late-0"}))
      local events = mine {event = "rename", container = id}
      for i = 1, 400 do assert(docker.rename("spec-late-" .. i - 1, "spec-late-" .. i)) end
      return names(events, 400)
    ]]
    assert.are.equal(400, #got)
    for i, what in ipairs(got) do assert.are.equal("rename spec-late-" .. i, what) end
  end)

  it("has a gap for a reader that is later, and goes on", function()
    local got = watching [[
      local made = web {name = "spec-gap-0"}
      made.labels.big = ("x"):rep(100000)
      local events = mine {event = "rename", container = assert(docker.create(made))}
      for i = 1, 120 do assert(docker.rename("spec-gap-" .. i - 1, "spec-gap-" .. i)) end
      mt.sleep(1.3) -- a full ring waits one second
      local numbers, gap = {}, nil
      for event in events do
        if event.action == "gap" then gap = event break end
        numbers[#numbers + 1] = tonumber(event.name:match "%d+$")
      end
      assert(docker.rename("spec-gap-120", "spec-gap-121"))
      local next_one
      mt.timeout(20, function() next_one = events().name end)
      events:close()
      return {numbers = numbers, gap = gap, next_one = next_one}
    ]]
    assert.is_true(#got.numbers > 35 and #got.numbers < 120, "before the gap: " .. #got.numbers)
    for i, number in ipairs(got.numbers) do assert.are.equal(i, number) end
    assert.are.same({"moontide", "spec-gap-121"}, {got.gap.type, got.next_one})
    assert.is_truthy(got.gap.detail:find "faster than the script")
  end)
end)

describe("an engine that is killed and started again", function()
  local script = debug.getinfo(1, "S").source:match("^@(.*)spec/") .. "scripts/engine.sh"
  local directory = assert(os.getenv "MOONTIDE_ENGINE_DIR"):gsub("[^/]*$", "events")

  teardown(function() host.shell(("%s rm '%s'"):format(script, directory)) end)

  it("is subscribed to again, and what it forgot is a gap", function()
    local started = host.shell(("%s start '%s'"):format(script, directory))
    local where = started.out:match "unix://[^\n]*"
    assert.is_truthy(where, started.err)
    local got = value(([[
      local function until_ping(wanted)
        while (docker.ping() ~= nil) ~= wanted do mt.sleep(0.02) end
      end
      local list = {}
      local reader = mt.spawn(function()
        for event in assert(docker.events {filters = {type = "network", event = {"create", "destroy"}}}) do
          list[#list + 1] = event.action .. " " .. (event.name or "")
          if event.name == "after" then break end
        end
      end)
      repeat until docker.info().NEventsListener > 0
      assert(docker.network_create {name = "before"})
      repeat mt.sleep(0.01) until #list == 1
      os.execute [=[(%s kill '%s'; %s start '%s') >/dev/null 2>&1 &]=]
      until_ping(false)
      until_ping(true)
      repeat
        local made = docker.network_create {name = "after"}
        if not made then mt.sleep(0.05) end
      until made
      assert(reader:join())
      return list
    ]]):format(script, directory, script, directory), {env = {DOCKER_HOST = where}})
    assert.are.same({"create before", "gap ", "create after"}, got)
  end)
end)
