-- Figures of a real engine's containers, once a second.
local engine = require "spec.support.engine"

local LABEL = "engine_stats"

local function value(code, options) return engine.value(LABEL, code, options) end

describe("a stream of stats", function()
  before_each(function() engine.clean(LABEL) end)
  teardown(function() engine.clean(LABEL) end)

  it("has a row a second, with CPU from the second on, and ends when its container stops; several at once", function()
    local got = value [[
      local function follow(name, image)
        assert(docker.run(web {name = name, image = image}))
        local list, times = {}, {}
        for row in assert(docker.stats(name, {stream = true})) do
          list[#list + 1], times[#times + 1] = row, mt.monotonic()
          if #list == 4 then assert(docker.stop(name, {timeout = 0})) end
        end
        return {list = list, pace = times[4] - times[2]}
      end
      local tasks = {burn = mt.spawn(follow, "spec-burn", "moontide/burn"), idle = mt.spawn(follow, "spec-idle")}
      local got = {}
      for name, task in pairs(tasks) do got[name] = select(2, task:join()) end
      return got
    ]]
    for name, it in pairs(got) do
      assert.is_true(#it.list >= 4 and #it.list <= 6, name .. " has rows: " .. #it.list)
      assert.is_true(it.pace > 1 and it.pace < 6, name .. ": " .. it.pace)
      for i = 1, 4 do
        local row = it.list[i]
        assert.are.same({name, i, i > 1}, {name, i, row.cpu_percent ~= nil})
        assert.is_true(row.mem_usage > 0 and row.pids > 0 and row.mem_limit > row.mem_usage)
      end
    end
    for i = 2, 4 do
      assert.is_true(got.burn.list[i].cpu_percent > 5, "" .. got.burn.list[i].cpu_percent)
      assert.is_true(got.idle.list[i].cpu_percent < got.burn.list[i].cpu_percent)
    end
  end)

  it("closes its connection when the loop is left, by break, by error and by cancel", function()
    assert.are.same({1, 1, 1}, engine.given_back(LABEL, "stats", "stream"))
  end)

  it("ends when its container is removed, and there is none of nobody's", function()
    local err = engine.failure(LABEL, "return docker.stats('spec-nobody', {stream = true})")
    assert.are.equal("not_found", err.kind)
    engine.reads(err, 'docker.stats: container "spec-nobody": there is no such container')
    assert.are.equal(true, value [[
      assert(docker.run(web {name = "spec-gone"}))
      for _ in assert(docker.stats("spec-gone", {stream = true})) do docker.remove("spec-gone", {force = true}) end
      return true
    ]])
  end)
end)
