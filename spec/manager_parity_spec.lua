-- Every row, rule and promise that is made of mt.manager, one by one, on a real engine. curl looks at what came of it.
local engine = require "spec.support.engine"
local manager = require "spec.support.manager"

local value, of_image, make = manager.value, manager.of_image, manager.make

setup(manager.setup)
teardown(manager.teardown)

describe("register_desired_state", function()
  it("replaces the whole record; what is missing is empty; nothing is started", function()
    local got = value [=[
      local name = image "register"
      local first = m:register_desired_state(name,
        {min_replicas = 2, max_replicas = 3, env = {A = "b"}, ports = {["80/tcp"] = 0}, resources = {cpu = "500m"}})
      local shown = {m.desired_images[name], m:desired(name)}
      local second = m:register_desired_state(name, {max_replicas = 4})
      return {first = first, shown = shown, second = second, now = {m.desired_images[name], m:desired(name)},
        text = mt.json.encode(second), none = m:desired "parity/none:1" == nil, keys = keys(second)}
    ]=]
    local first = {image = "parity/register:1", min_replicas = 2, max_replicas = 3, env = {A = "b"},
      ports = {["80/tcp"] = 0}, resources = {cpu = "500m"}}
    local second = {image = "parity/register:1", min_replicas = 1, max_replicas = 4, env = {}, ports = {}, resources = {}}
    assert.are.same({first, first, first}, {got.first, got.shown[1], got.shown[2]})
    assert.are.same({second, second, second}, {got.second, got.now[1], got.now[2]})
    assert.are.equal("env image max_replicas min_replicas ports resources", got.keys)
    assert.matches('"env":{}.*"ports":{}.*"resources":{}', got.text)
    assert.is_true(got.none)
    assert.are.same({}, of_image "register")
  end)

  it("raises on bad values, and keeps the record as it was", function()
    local got = value [=[
      local name = image "register"
      m:register_desired_state(name, {min_replicas = 2})
      local said = {}
      for i, bad in ipairs {
        {resources = {cpu = "fast"}}, {resources = {cpu = 0}}, {resources = {memory = "12q"}}, {resources = {memory = -1}},
        {ports = {["80"] = 1}}, {ports = {["80/tcp"] = 70000}}, {ports = {["80/tcp"] = "x"}},
        {min_replicas = 2, max_replicas = 1},
        {resources = {status = "paused"}}, {env = {["A=B"] = "c"}}, {replicas = 3},
      } do
        local ok, err = pcall(m.register_desired_state, m, name, bad)
        said[i] = not ok and err:match "manager%.register_desired_state: (.*)" or "accepted " .. i
      end
      return {said = said, now = m:desired(name).min_replicas}
    ]=]
    for _, text in ipairs(got.said) do assert.is_nil(text:find("^accepted"), text) end
    assert.are.equal(2, got.now)
  end)

  it("lists what is wished in the order of the names", function()
    local got = value [=[
      for _, name in ipairs {"c", "a", "b"} do m:register_desired_state("parity/order:" .. name) end
      local found = {}
      for name, wish in pairs(m.desired_images) do
        if name:find "^parity/order" then found[#found + 1] = name .. wish.min_replicas end
      end
      return {found = found, written = pcall(function() m.desired_images.x = {} end)}
    ]=]
    assert.are.same({"parity/order:a1", "parity/order:b1", "parity/order:c1"}, got.found)
    assert.is_false(got.written)
  end)
end)

describe("ensure_singleton_for_image", function()
  it("makes one, as it is told, then keeps it", function()
    local got = value [=[
      local name = image "ensure"
      local options = {env = {GREETING = "hello"}, ports = {["80/tcp"] = 0}, resources = {cpu = "500m", memory = "32m"}}
      local first = m:ensure_singleton_for_image(name, options)
      local second = m:ensure_singleton_for_image(name, options)
      return {first, second, keys(first), keys(second), require("moontide.record").owner()}
    ]=]
    local first, second, shape, same_shape, owner = table.unpack(got)
    assert.are.same({"action container_id image name ok ports status", shape}, {shape, same_shape})
    assert.are.same({true, "created", "parity/ensure:1", "running"}, {first.ok, first.action, first.image, first.status})
    assert.are.same({true, "kept-existing", first.container_id, first.name, "running"},
      {second.ok, second.action, second.container_id, second.name, second.status})
    assert.are.same(first.ports, second.ports)
    assert.matches("^ensure%-%x%x%x%x%x%x%x%x$", first.name)
    local container = engine.inspect(first.name)
    assert.are.equal(first.container_id, container.Id)
    local limits, labels = container.HostConfig, container.Config.Labels
    assert.are.same({500000000, 32 * 2 ^ 20, "unless-stopped"}, {limits.NanoCpus, limits.Memory, limits.RestartPolicy.Name})
    assert.are.same({"parity/ensure:1", owner}, {labels["orchestrator.image"], labels["moontide.owner"]})
    assert.matches("^%x+$", labels["moontide.spec"])
    assert.are.same(container.NetworkSettings.Ports["80/tcp"], first.ports["80/tcp"])
    assert.matches("\nGREETING=hello\n", "\n" .. table.concat(container.Config.Env, "\n") .. "\n")
    assert.are.equal(1, #of_image "ensure")
  end)

  it("prefers one that runs, then the newest, which it starts", function()
    local got = value [=[
      local name = image "prefer"
      local old = assert(m:run_new_container(name))
      mt.sleep(1.1) -- the engine counts their age in seconds
      local new = m:run_new_container(name)
      m:set_container_status(new.name, {status = "stopped"})
      local running = m:ensure_singleton_for_image(name)
      m:set_container_status(old.name, {status = "stopped"})
      local started = m:ensure_singleton_for_image(name)
      return {old.name, new.name, running.name, started.name, started.action, started.status}
    ]=]
    local old, new, running, started, action, status = table.unpack(got)
    assert.are.same({old, new, "kept-existing", "running"}, {running, started, action, status})
  end)

  it("leaves one stopped that is to be", function()
    local got = value [=[
      local name = image "ensure_stopped"
      local first = m:ensure_singleton_for_image(name, {resources = {status = "stopped"}})
      local again = m:ensure_singleton_for_image(name, {resources = {status = "stopped"}})
      return {first, again}
    ]=]
    assert.are.same({true, "created", "created"}, {got[1].ok, got[1].action, got[1].status})
    assert.are.same({true, "kept-existing", "created", got[1].name}, {got[2].ok, got[2].action, got[2].status, got[2].name})
    assert.is_false(engine.inspect(got[1].name).State.Running)
  end)

  it("says why there is none, and leaves nothing behind", function()
    local got = value [=[
      local one = m:ensure_singleton_for_image(image "taken", {ports = {["80/tcp"] = 0}})
      local port = tonumber(one.ports["80/tcp"][1].HostPort)
      local taken = m:ensure_singleton_for_image(image "taker", {ports = {["80/tcp"] = port}})
      local missing = m:ensure_singleton_for_image "parity/missing:1"
      return {taken, missing, keys(taken)}
    ]=]
    assert.is_false(got[1].ok)
    assert.matches("^Failed to run container: .*port.*allocated", got[1].error)
    assert.are.same({}, of_image "taker")
    assert.is_false(got[2].ok)
    assert.matches("^Failed to run container: .*parity/missing:1", got[2].error)
    assert.is_nil(got[2].container_id)
  end)
end)

describe("The lists #slow", function()
  it("have every status, every image or one, and those that run", function()
    local got = value [=[
      local name, other = image "list", image "list_other"
      local running, stopped = m:run_new_container(name), m:run_new_container(name)
      m:set_container_status(stopped.name, {status = "stopped"})
      local made = m:run_new_container(other, {resources = {status = "stopped"}})
      local all, mine = {}, {running = true, exited = true, created = true}
      for _, one in ipairs(m:list_managed_containers()) do all[one.name] = one.status end
      return {
        running = running.name, stopped = stopped.name, made = made.name, all = all,
        image = names(m:get_containers_for_image(name)), current = names(m:current_for_image(name)),
        only = names(m:current_for_image(name, true)), none = mt.json.encode(m:current_for_image("parity/none:1", true)),
        shape = m:summarize_container(running.name), same = m:current_for_image(name, true)[1],
      }
    ]=]
    assert.are.same({"running", "exited", "created"}, {got.all[got.running], got.all[got.stopped], got.all[got.made]})
    table.sort(got.image)
    table.sort(got.current)
    local both = {got.running, got.stopped}
    table.sort(both)
    assert.are.same({both, both, {got.running}}, {got.image, got.current, got.only})
    assert.are.equal("[]", got.none)
    for _, key in ipairs {"container_id", "name", "status", "ports", "image", "created", "labels"} do
      assert.are.same(got.shape[key], got.same[key])
      assert.is_not_nil(got.same[key], key)
    end
  end)

  it("are nil and an error when nobody answers; actions are tables all the same", function()
    local got = value [=[
      local gone = mt.manager {engine = assert(docker.connect {host = "unix:///nosuch/docker.sock"})}
      local said = {}
      for _, call in ipairs {{"list_managed_containers"}, {"get_containers_for_image", "a"}, {"current_for_image", "a", true},
        {"summarize_container", "a"}} do
        local list, err = gone[call[1]](gone, call[2], call[3])
        said[#said + 1] = list == nil and err.kind
      end
      local results = {
        gone:ensure_singleton_for_image "a", gone:reconcile "a", gone:scale("a", {min_replicas = 2}), gone:container_stats "a",
        gone:set_container_status("a", {status = "running"}), gone:run_new_container "a",
      }
      local failed = {}
      for i, result in ipairs(results) do failed[i] = result.ok == false and result.error end
      local deleted = gone:delete_container "a"
      return {said = said, failed = failed, deleted = {deleted.deleted, deleted.error}, json = mt.json.encode(results[2])}
    ]=]
    assert.are.same({"transport", "transport", "transport", "transport"}, got.said)
    for i = 1, 6 do assert.matches("/nosuch/docker.sock", got.failed[i]) end
    assert.matches("^Failed to run container: ", got.failed[1])
    assert.is_false(got.deleted[1])
    assert.matches("/nosuch/docker.sock", got.deleted[2])
    assert.matches('"actions":%[%],"current":%[%],"desired":{"max_replicas":1,"min_replicas":1}', got.json)
  end)
end)

describe("delete_container #slow", function()
  it("takes a name or an id, or its beginning, and tells what is gone", function()
    local got = value [=[
      local name, gone = image "delete", {}
      local one, two, three = m:run_new_container(name), m:run_new_container(name), m:run_new_container(name)
      gone[1] = m:delete_container(one.name)
      gone[2] = m:delete_container(two.container_id, {force = true})
      gone[3] = m:delete_container(three.container_id:sub(1, 12), {})
      return {gone = gone, made = {one, two, three}, keys = keys(gone[1]),
        not_found = m:delete_container(one.name), forced = m:delete_container(one.name, {force = true})}
    ]=]
    for i, made in ipairs(got.made) do
      assert.are.same({deleted = true, container_id = made.container_id, name = made.name}, got.gone[i])
    end
    assert.are.same({false, "not-found"}, {got.not_found.deleted, got.not_found.error})
    assert.are.same({false, "not-found"}, {got.forced.deleted, got.forced.error})
    assert.are.same({}, of_image "delete")
  end)

  it("refuses what is not managed, unless it is forced; never what another one's is", function()
    make("parity-by-hand", {})
    make("parity-foreign", {["orchestrator.image"] = "parity/delete:1", ["moontide.owner"] = "somebody"})
    make("parity-service", {["orchestrator.image"] = "parity/delete:1", ["moontide.service"] = "web"})
    local original = make("parity-original", {["orchestrator.image"] = "parity/delete:1"})
    local got = value [=[
      return {
        refused = m:delete_container "parity-by-hand", forced = m:delete_container("parity-by-hand", {force = true}),
        foreign = m:delete_container("parity-foreign", {force = true}),
        service = m:delete_container("parity-service", {force = true}),
        stop = {m:set_container_status("parity-foreign", {status = "stopped"}),
          m:set_container_status("parity-service", {status = "stopped"})},
        scaled = m:scale("parity/delete:1", {min_replicas = 0, max_replicas = 0}),
      }
    ]=]
    assert.is_false(got.refused.deleted)
    assert.matches("not managed.*force", got.refused.error)
    assert.is_true(got.forced.deleted)
    assert.are.same({false, false, false, false},
      {got.foreign.deleted, got.service.deleted, got.stop[1].ok, got.stop[2].ok})
    assert.is_true(engine.inspect("parity-foreign").State.Running)
    assert.is_true(engine.inspect("parity-service").State.Running)
    assert.is_true(got.scaled.ok)
    assert.are.same({{action = "remove", ok = true, container_id = original, name = "parity-original"}}, got.scaled.actions)
  end)
end)
