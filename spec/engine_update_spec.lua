-- Other limits, and another name, for a container that is there.
local engine = require "spec.support.engine"

local LABEL = "engine_update"

local function value(code) return engine.value(LABEL, code) end

local function failure(code) return engine.failure(LABEL, code) end

local function clean() engine.clean(LABEL) end

describe("update", function()
  before_each(clean)
  teardown(clean)

  it("raises and lowers limits of one that runs", function()
    value 'return docker.run(web {name = "spec-up", resources = {memory = "64m"}})'
    local function host_config()
      local config = engine.inspect("spec-up").HostConfig
      return {config.Memory, config.MemorySwap, config.NanoCpus, config.PidsLimit, config.RestartPolicy.Name}
    end
    assert.is_true(value 'return docker.update("spec-up", {memory = "256m", cpu = "500m", pids = 50})')
    assert.are.same({268435456, 536870912, 500000000, 50, "unless-stopped"}, host_config())
    assert.is_true(value 'return docker.update("spec-up", {memory = "32m", restart = "on-failure:3"})')
    assert.are.same({33554432, 67108864, 500000000, 50, "on-failure"}, host_config())
    assert.are.equal(3, engine.inspect("spec-up").HostConfig.RestartPolicy.MaximumRetryCount)
  end)

  it("tells what the engine refuses", function()
    value 'return docker.create(web {name = "spec-up"})'
    local err = failure 'return docker.update("spec-up", {cpu = 1000})'
    assert.are.equal("invalid", err.kind)
    engine.reads(err, 'docker.update: container "spec-up": the engine\'s host can give from 0.01 to ')
    err = failure 'return docker.update("spec-nosuch", {cpu = 1})'
    assert.are.same({"not_found", "relist"}, {err.kind, err.next})
  end)

  it("takes mistakes for mistakes", function()
    for code, message in pairs {
      ['update("a", {})'] = "docker.update: nothing to change is given; give cpu, memory, pids or restart",
      ['update("a", {cpus = 1})'] = 'docker.update: unknown option "cpus" (did you mean "cpu"?)',
      ['update("a", {memory = "1k"})'] = 'docker.update: option "memory" must be at least "6m"',
      ['update("a", {pids = 0})'] = 'docker.update: option "pids" must be a whole number above 0',
      ['update("a", {restart = "allways"})'] = '(did you mean "always"?)',
      ['update("a", {status = "stopped"})'] = 'docker.update: unknown option "status"',
      ['rename("a", "x")'] = 'docker.rename: argument "name" must be 2 to 255 letters',
      ['rename("a")'] = 'docker.rename: argument "name" must be a string, got nil',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)

describe("rename", function()
  before_each(clean)
  teardown(clean)

  it("gives another name, also the one that it has", function()
    local got = value [[
      local id = docker.create(web {name = "spec-old"})
      return {docker.rename("spec-old", "spec-new"), docker.rename("spec-new", "spec-new"), docker.rename(id, "spec-new"),
        docker.rename(id:sub(1, 12), "spec-last")}
    ]]
    assert.are.same({true, true, true, true}, got)
    assert.are.same({"spec-last"}, engine.containers(LABEL))
  end)

  it("says who has the name, and when there is nobody to rename", function()
    local id = value 'docker.create(web {name = "spec-old"}) return docker.create(web {name = "spec-new"})'
    local err = failure 'return docker.rename("spec-old", "spec-new")'
    assert.are.same({"conflict", "relist"}, {err.kind, err.next})
    engine.reads(err, ('docker.rename: container "spec-old": the name is already in use by container %s; remove'):format(
      id:sub(1, 12)))
    assert.are.equal("not_found", failure('return docker.rename("spec-nosuch", "spec-name")').kind)
  end)
end)
