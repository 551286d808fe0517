-- What mt.manager's reconcile and scale promise, one by one, on a real engine. curl looks at what came of it.
local engine = require "spec.support.engine"
local manager = require "spec.support.manager"

local value, of_image = manager.value, manager.of_image

setup(manager.setup)
teardown(manager.teardown)

describe("reconcile and scale #slow", function()
  it("make what is missing and remove the oldest of what is too much; the rest of the record stays", function()
    local got = value [=[
      local name = image "scale"
      m:register_desired_state(name, {min_replicas = 1, env = {A = "b"}, ports = {["80/tcp"] = 0}})
      local first = m:reconcile(name)
      mt.sleep(1.1)
      local second = m:scale(name, {min_replicas = 3})
      local third = m:scale(name, {max_replicas = 2})
      return {first = first, second = second, third = third, wish = m:desired(name), again = m:reconcile(name),
        keys = {keys(first), keys(first.actions[1]), keys(third.actions[1])}, text = mt.json.encode(m:reconcile(name))}
    ]=]
    assert.are.same({"actions current desired image ok", "action details ok", "action container_id name ok"}, got.keys)
    assert.are.same({true, "parity/scale:1", {min_replicas = 1, max_replicas = 1}, 1},
      {got.first.ok, got.first.image, got.first.desired, #got.first.current})
    local details = got.first.actions[1].details
    assert.are.same({"create", true, true, "created"},
      {got.first.actions[1].action, got.first.actions[1].ok, details.ok, details.action})
    assert.are.same({true, 2, 3}, {got.second.ok, #got.second.actions, #got.second.current})
    assert.are.same({min_replicas = 3, max_replicas = 3}, got.second.desired)
    assert.are.same({true, 1, 2}, {got.third.ok, #got.third.actions, #got.third.current})
    assert.are.same({action = "remove", ok = true, container_id = details.container_id, name = details.name},
      got.third.actions[1])
    assert.are.same({image = "parity/scale:1", min_replicas = 2, max_replicas = 2, env = {A = "b"}, ports = {["80/tcp"] = 0},
      resources = {}}, got.wish)
    for _, container in ipairs(of_image "scale") do
      local inspected = engine.inspect(container.Id)
      assert.matches("\nA=b\n", "\n" .. table.concat(inspected.Config.Env, "\n") .. "\n")
      assert.is_truthy(inspected.NetworkSettings.Ports["80/tcp"][1].HostPort)
    end
    assert.are.same({true, 0}, {got.again.ok, #got.again.actions})
    assert.matches('"actions":%[%]', got.text)
  end)

  it("of an image that nobody registered wish one, and store that", function()
    local got = value [=[
      local one, two = image "unknown", image "unknown_scaled"
      local done = m:reconcile(one)
      local scaled = m:scale(two, {min_replicas = 2})
      return {done = done, wish = m:desired(one), scaled = scaled, scaled_wish = m:desired(two)}
    ]=]
    assert.are.same({true, {min_replicas = 1, max_replicas = 1}, 1}, {got.done.ok, got.done.desired, #got.done.current})
    assert.are.same({image = "parity/unknown:1", min_replicas = 1, max_replicas = 1, env = {}, ports = {}, resources = {}},
      got.wish)
    assert.are.same({true, 2}, {got.scaled.ok, #got.scaled.current})
    assert.are.same({image = "parity/unknown_scaled:1", min_replicas = 2, max_replicas = 2, env = {}, ports = {}, resources = {}},
      got.scaled_wish)
  end)

  it("on one fixed port leave one that runs and no dead ones, each time, and say so", function()
    local got = value [=[
      local name = image "fixed"
      m:register_desired_state(name, {min_replicas = 4, max_replicas = 4, ports = {["80/tcp"] = 28080}})
      return {m:reconcile(name), m:reconcile(name)}
    ]=]
    for i, result in ipairs(got) do
      assert.is_false(result.ok)
      assert.are.same({"running"}, {result.current[1].status, result.current[2]})
      assert.are.equal(i == 1 and 4 or 3, #result.actions)
      local failed = 0
      for _, action in ipairs(result.actions) do
        if not action.ok then
          failed = failed + 1
          assert.matches("^Failed to run container: .*28080", action.error)
          assert.is_false(action.details.ok)
        end
      end
      assert.are.equal(3, failed)
    end
    assert.are.equal(1, #of_image "fixed")
  end)

  it("give what runs out of the limits when asked for stopped ones: any state counts, none runs", function()
    local got = value [=[
      local name = image "stopped"
      m:register_desired_state(name, {min_replicas = 2})
      m:reconcile(name)
      m:register_desired_state(name, {min_replicas = 3, resources = {status = "stopped"}})
      local stopped = m:reconcile(name)
      return {stopped = stopped, again = m:reconcile(name), fewer = m:scale(name, {max_replicas = 1})}
    ]=]
    assert.is_true(got.stopped.ok)
    assert.are.equal(3, #got.stopped.current)
    for _, one in ipairs(got.stopped.current) do assert.are_not.equal("running", one.status) end
    assert.are.same({true, 0}, {got.again.ok, #got.again.actions})
    assert.are.same({true, 2, 1}, {got.fewer.ok, #got.fewer.actions, #got.fewer.current})
  end)

  it("work on all containers at once: many that ignore SIGTERM take as long as one", function()
    local got = value [=[
      local name = image("stubborn", "moontide/stubborn")
      m:scale(name, {min_replicas = 5})
      local before = mt.monotonic()
      local result = m:scale(name, {min_replicas = 0, max_replicas = 0})
      return {ok = result.ok, removed = #result.actions, took = mt.monotonic() - before}
    ]=]
    assert.are.same({true, 5}, {got.ok, got.removed})
    assert.is_true(got.took >= 2 and got.took < 9, got.took)
    assert.are.same({}, of_image "stubborn")
  end)

  it("report what was made otherwise than is wished now", function()
    local got = value [=[
      local name, found = image "drift", {}
      m:register_desired_state(name, {env = {A = "1"}, ports = {["80/tcp"] = 0}, resources = {cpu = 1, memory = "64m"}})
      m:reconcile(name)
      for i, wish in ipairs {
        {env = {A = "1"}, ports = {["80/tcp"] = mt.json.null}, resources = {cpu = "1000m", memory = "65536k"}, max_replicas = 2},
        {env = {A = "2"}, ports = {["80/tcp"] = 0}, resources = {cpu = 1, memory = "64m"}},
        {env = {A = "1"}, ports = {["81/tcp"] = 0}, resources = {cpu = 1, memory = "64m"}},
        {env = {A = "1"}, ports = {["80/tcp"] = 0}, resources = {cpu = 1, memory = "65m"}},
      } do
        m:register_desired_state(name, wish)
        local one = m:reconcile(name)
        found[i] = {one.ok, #one.actions, one.current[1].drifted or false, m:list_managed_containers()[1].drifted ~= nil}
      end
      return found
    ]=]
    assert.are.same({true, 0, false}, {got[1][1], got[1][2], got[1][3]})
    for i = 2, 4 do assert.are.same({true, 0, true}, {got[i][1], got[i][2], got[i][3]}) end
  end)
end)
