-- What becomes of the manager's work when its process is killed, and when two processes do the same work.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local IMAGE = "moontide/web"

local function containers()
  local _, list = engine.api("GET", '/containers/json?all=1&filters={"label":["orchestrator.image"]}')
  return list
end

local function running()
  local count = 0
  for _, container in ipairs(containers()) do count = count + (container.State == "running" and 1 or 0) end
  return count
end

local function reconcile(min, max)
  local result = host.script(([[
    print(mt.json.encode(mt.manager({stop_timeout = 0}):scale("%s", {min_replicas = %d, max_replicas = %d})))
  ]]):format(IMAGE, min, max), {timeout = 60})
  assert.are.same({0, ""}, {result.code, result.err})
  return cjson.decode(result.out)
end

local function facts(kind)
  local result = host.script([[print(mt.json.encode(require("moontide.record").history {}))]])
  local found = {}
  for _, row in ipairs(cjson.decode(result.out)) do
    if row.kind == kind then found[#found + 1] = row end
  end
  return found
end

describe("A manager #slow", function()
  after_each(function()
    for _, container in ipairs(containers()) do engine.api("DELETE", "/containers/" .. container.Id .. "?force=1&v=1") end
  end)

  -- The script kills itself at a moment of the work, as nothing else can be so exact.
  for _, case in ipairs {
    {"when the names are written and nothing is made", "run", "before"},
    {"when containers are made and nobody has noted it", "run", "after"},
    {"between a stop and the removal", "stop", "after"},
  } do
    it("is killed " .. case[1] .. ", and the next one finds all of it", function()
      local start = case[2] == "stop" and 4 or 1
      reconcile(start, start)
      local result = host.script(([[
        local docker, real = {}, mt.docker
        for name, fn in pairs(real) do docker[name] = fn end
        local calls, die = 0, function()
          local me = io.open("/proc/self/stat"):read("n")
          mt.docker.exec = nil
          os.execute("kill -9 " .. me)
        end
        docker["%s"] = function(...)
          calls = calls + 1
          if "%s" == "before" then die() end
          local results = table.pack(real["%s"](...))
          if calls >= 2 then die() end
          return table.unpack(results, 1, results.n)
        end
        local count = %d
        mt.manager({engine = docker, stop_timeout = 0}):scale("%s", {min_replicas = count, max_replicas = count})
      ]]):format(case[2], case[3], case[2], start == 4 and 1 or 4, IMAGE))
      assert.are.equal(137, result.code)
      local again = reconcile(3, 3)
      assert.is_true(again.ok, again.error)
      assert.are.same({3, 3}, {#again.current, running()})
      assert.are.equal(3, #containers())
    end)
  end

  it("and another one in a second process at the same time make no more than is wished", function()
    local code = ([[
      local r = mt.manager({stop_timeout = 0}):scale("%s", {min_replicas = 3, max_replicas = 3})
      print(r.ok, #r.actions)
    ]]):format(IMAGE)
    local path = host.file(code, ".lua")
    local result = host.shell(("for i in 1 2 3; do '%s' run '%s' & done; wait"):format(host.binary, path), {timeout = 60})
    os.remove(path)
    assert.are.equal(0, result.code, result.err)
    local lines = {}
    for line in result.out:gmatch("[^\n]+") do lines[#lines + 1] = line end
    table.sort(lines)
    assert.are.same({"true\t0", "true\t0", "true\t3"}, lines)
    assert.are.equal(3, #containers())
  end)

  it("keeps the ports and env of a wish for another process", function()
    host.script(([[mt.manager():register_desired_state("%s", {ports = {["80/tcp"] = 0}, env = {MOON = "tide"}})]]):format(IMAGE))
    local made = reconcile(1, 1).current[1]
    assert.is_truthy(made.ports["80/tcp"])
    local container = engine.inspect(made.name)
    assert.matches("MOON=tide", table.concat(container.Config.Env, " "))
    assert.is_nil(made.drifted)
    host.script(([[mt.manager():register_desired_state("%s", {env = {MOON = "tides"}})]]):format(IMAGE))
    assert.is_true(reconcile(1, 1).current[1].drifted)
  end)

  it("writes down what it did, without secrets", function()
    host.script(([[mt.manager():register_desired_state("%s", {env = {DB_PASSWORD = "hunter2-hunter2"}})]]):format(IMAGE))
    reconcile(1, 1)
    reconcile(0, 0)
    assert.is_true(#facts "create" > 0 and #facts "remove" > 0 and #facts "stop" > 0)
    local text = cjson.encode(facts "create") .. cjson.encode(facts "scale")
    assert.is_nil(text:find("hunter2", 1, true))
    assert.is_truthy(text:find("DB_PASSWORD", 1, true))
  end)

  it("of another state file leaves all of it alone, until it adopts it", function()
    local mine = reconcile(1, 1).current[1].name
    local other = {env = {MOONTIDE_STATE = os.getenv "MOONTIDE_STATE" .. "-other"}}
    local result = host.script(([[
      local m = mt.manager {stop_timeout = 0}
      local first = #m:list_managed_containers()
      local scaled = m:scale("%s", {min_replicas = 0, max_replicas = 0})
      local taken = m:adopt "%s"
      print(first, #scaled.actions, #taken.adopted, #m:list_managed_containers(), m:delete_container("%s").deleted)
    ]]):format(IMAGE, IMAGE, mine), other)
    assert.are.equal("0\t0\t1\t1\ttrue\n", result.out, result.err)
    assert.are.same({}, containers())
  end)

  it("says what is wrong with its state file, and makes nothing without it", function()
    local path = host.file("this is no state file, and is longer than a header of a database would be", ".db")
    local result = host.script(([[
      local r = mt.manager():reconcile("%s")
      print(r.ok, #r.actions)
      print(r.error)
    ]]):format(IMAGE), {env = {MOONTIDE_STATE = path}})
    os.remove(path)
    assert.matches("^false\t0\n.*is not a state file: it is no SQLite database", result.out)
    assert.are.same({}, containers())
  end)
end)
