-- Every row, rule and promise that is made of mt.manager, one by one, on a real engine. curl looks at what came of it,
-- and a receiver hears what it is told.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local LABEL = "manager_parity"
local receiver

local PREAMBLE = [[
local m = mt.manager {stop_timeout = 2}
local CALLBACK = %q
-- The image by a name of its own, so that tests do not meet.
local function image(name, of)
  assert(docker.tag(of or "moontide/web", "parity/" .. name .. ":1"))
  return "parity/" .. name .. ":1"
end
local function names(list)
  local found = {}
  for i, one in ipairs(list) do found[i] = one.name end
  return found
end
local function keys(of)
  local found = {}
  for key in pairs(of) do found[#found + 1] = key end
  table.sort(found)
  return table.concat(found, " ")
end
]]

-- What a function with that body returns.
local function value(code) return engine.value(LABEL, PREAMBLE:format(receiver.url .. "/body/0") .. code) end

-- What the engine has of an image, the oldest first.
local function of_image(image)
  local _, list = engine.api("GET", ('/containers/json?all=1&filters={"label":["orchestrator.image=parity/%s:1"]}'):format(image))
  table.sort(list, function(a, b) return a.Created < b.Created end)
  return list
end

-- What the receiver heard since it was last asked.
local function heard()
  local text = host.script(("io.write(mt.http.get(%q).body)"):format(receiver.url .. "/posts")).out
  local list = {}
  for request in text:gmatch("[^%z]+") do list[#list + 1] = cjson.decode(request:match("\r\n\r\n(.*)$")) end
  return list
end

-- Made beside moontide: by hand, by the original, by a service.
local function make(name, labels)
  local body = {Image = "moontide/web", Labels = labels, HostConfig = {}}
  body.Labels.spec = LABEL
  local status, made = engine.api("POST", "/containers/create?name=" .. name, body)
  assert.are.equal(201, status)
  assert.are.equal(204, (engine.api("POST", ("/containers/%s/start"):format(made.Id))))
  return made.Id
end

local function clean()
  engine.clean(LABEL)
  local _, list = engine.api("GET", '/containers/json?all=1&filters={"label":["orchestrator.image"]}')
  for _, container in ipairs(list) do engine.api("DELETE", "/containers/" .. container.Id .. "?force=1&v=1") end
  local _, images = engine.api("GET", "/images/json")
  for _, image in ipairs(images) do
    for _, tag in ipairs(image.RepoTags or {}) do
      if tag:find("^parity/") then engine.api("DELETE", "/images/" .. tag) end
    end
  end
end

setup(function() receiver = http_server.start() end)
teardown(function()
  receiver:stop()
  clean()
end)

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
        {ports = {["80"] = 1}}, {ports = {["80/tcp"] = 70000}}, {ports = {["80/tcp"] = "x"}}, {min_replicas = 2, max_replicas = 1},
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

describe("The lists", function()
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

describe("delete_container", function()
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
        foreign = m:delete_container("parity-foreign", {force = true}), service = m:delete_container("parity-service", {force = true}),
        stop = {m:set_container_status("parity-foreign", {status = "stopped"}), m:set_container_status("parity-service", {status = "stopped"})},
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

describe("reconcile and scale", function()
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
    assert.are.same({"create", true, true, "created"}, {got.first.actions[1].action, got.first.actions[1].ok, details.ok, details.action})
    assert.are.same({true, 2, 3}, {got.second.ok, #got.second.actions, #got.second.current})
    assert.are.same({min_replicas = 3, max_replicas = 3}, got.second.desired)
    assert.are.same({true, 1, 2}, {got.third.ok, #got.third.actions, #got.third.current})
    assert.are.same({action = "remove", ok = true, container_id = details.container_id, name = details.name}, got.third.actions[1])
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
    assert.are.same({image = "parity/unknown:1", min_replicas = 1, max_replicas = 1, env = {}, ports = {}, resources = {}}, got.wish)
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

describe("container_stats", function()
  it("has the figures of one that runs", function()
    local got = value [=[
      local burn = m:run_new_container(image("burn", "moontide/burn"), {resources = {memory = "64m"}})
      mt.sleep(0.5)
      local stats = m:container_stats(burn.name)
      local by_id = m:container_stats(burn.container_id)
      m:delete_container(burn.name, {force = true})
      return {stats, keys(stats), by_id.ok}
    ]=]
    local stats = got[1]
    assert.are.equal("cpu_percent fs_free_bytes mem_limit mem_percent mem_usage ok server_alive status", got[2])
    assert.are.same({true, "running", true, 64 * 2 ^ 20, true},
      {stats.ok, stats.status, stats.server_alive, stats.mem_limit, got[3]})
    assert.is_true(stats.cpu_percent > 3 and stats.cpu_percent < 120, stats.cpu_percent)
    assert.is_true(stats.mem_usage > 10000 and stats.mem_usage < 64 * 2 ^ 20)
    assert.is_true(math.abs(stats.mem_percent - stats.mem_usage / stats.mem_limit * 100) < 0.001)
    assert.is_true(stats.fs_free_bytes > 2 ^ 20)
  end)

  it("has the status of one that does not, and says not-found of none", function()
    local got = value [=[
      local one = m:run_new_container(image "stats", {resources = {status = "stopped"}})
      return {m:container_stats(one.name), m:container_stats "parity-none"}
    ]=]
    assert.are.same({ok = true, status = "created", server_alive = false}, got[1])
    assert.are.same({false, "not-found"}, {got[2].ok, got[2].error})
  end)

  it("is not alive when its health check says so", function()
    local got = value [=[
      local one = m:run_new_container(image("sick", "moontide/health"))
      docker.exec(one.name, {"touch", "/tmp/sick"})
      local deadline, stats = mt.monotonic() + 20, nil
      repeat
        stats = m:container_stats(one.name)
        mt.sleep(0.2)
      until not stats.server_alive or mt.monotonic() > deadline
      return stats
    ]=]
    assert.are.same({true, "running", false}, {got.ok, got.status, got.server_alive})
  end)
end)

describe("set_container_status", function()
  it("starts and stops, also what is so already", function()
    local got = value [=[
      local name, results = image "status", {}
      m:register_desired_state(name, {ports = {["80/tcp"] = 0}})
      local one = m:reconcile(name).current[1]
      for i, status in ipairs {"stopped", "stopped", "running", "running"} do
        results[i] = m:set_container_status(i % 2 == 0 and one.name or one.container_id, {status = status})
      end
      docker.pause(one.name)
      results[5] = m:set_container_status(one.name, {status = "running"})
      docker.pause(one.name)
      results[6] = m:set_container_status(one.name, {status = "stopped"})
      return {one = one, results = results, keys = keys(results[1])}
    ]=]
    assert.are.equal("container_id name ok ports status", got.keys)
    for i, status in ipairs {"exited", "exited", "running", "running", "running", "exited"} do
      local result = got.results[i]
      assert.are.same({true, got.one.container_id, got.one.name, status},
        {result.ok, result.container_id, result.name, result.status})
      assert.are.equal(status == "running", result.ports["80/tcp"] ~= nil)
    end
  end)

  it("looks for the container first, then at the status", function()
    local got = value [=[
      local one = m:ensure_singleton_for_image(image "status")
      local said = {}
      for i, status in ipairs {"paused", "", "Running", 1, false} do
        local result = m:set_container_status(one.name, {status = status})
        said[i] = {result.ok, result.error}
      end
      return {said = said, none = m:set_container_status(one.name, {}), missing = m:set_container_status("parity-none", {status = "paused"})}
    ]=]
    for _, said in ipairs(got.said) do assert.are.same({false, "invalid-status"}, said) end
    assert.are.same({false, "invalid-status"}, {got.none.ok, got.none.error})
    assert.are.same({false, "not-found"}, {got.missing.ok, got.missing.error})
  end)

  it("says why a start fails", function()
    local got = value [=[
      local one = m:run_new_container(image "in_the_way", {ports = {["80/tcp"] = 28081}})
      m:set_container_status(one.name, {status = "stopped"})
      local two = m:run_new_container(image "in_the_way", {ports = {["80/tcp"] = 28081}})
      return {one, two, m:set_container_status(one.name, {status = "running"})}
    ]=]
    assert.are.same({true, false}, {got[2].ok, got[3].ok})
    assert.matches("28081", got[3].error)
  end)
end)

describe("The steps", function()
  it("are for scripts, too", function()
    heard()
    local got = value [=[
      local name = image "steps"
      local one, two = m:run_new_container(name, {env = {A = "b"}}), m:run_new_container(name)
      local summary = m:summarize_container(one.container_id)
      local missing, err = m:summarize_container "parity-none"
      local nobody = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local told = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = "http://169.254.169.254/"}})
      local refused, why = m:notify_discovery {image = name, container = summary, status = "running", event = "create"}
      return {one = one, two = two, summary = summary, missing = {missing == nil, err.kind}, nobody = nobody, told = told,
        refused = {refused == nil, why.kind}, url = m.discovery_callback_url(name), none = m.discovery_callback_url "a" == nil}
    ]=]
    assert.are.same({"created", "created"}, {got.one.action, got.two.action})
    assert.are_not.equal(got.one.container_id, got.two.container_id)
    assert.are.same({got.one.name, "running"}, {got.summary.name, got.summary.status})
    assert.are.same({true, "not_found"}, got.missing)
    assert.are.same({true, true, {true, "denied"}}, {got.nobody, got.told, got.refused})
    assert.are.same({"http://169.254.169.254/", true}, {got.url, got.none})
    local posts = heard()
    assert.are.same({1, got.one.name, "parity/steps:1"}, {#posts, posts[1].name, posts[1].image})
  end)

  it("and the helpers are called with a dot", function()
    local got = value [=[
      local one = m:run_new_container(image "helpers", {ports = {["80/tcp"] = 0}})
      local before = mt.monotonic()
      local ports = m.wait_for_ports(one.name, {["80/tcp"] = 0})
      local quick = mt.monotonic() - before
      before = mt.monotonic()
      local never = m.wait_for_ports(one.name, {"81/tcp"}, {timeout = 0.5})
      local waited = mt.monotonic() - before
      before = mt.monotonic()
      local none = m.wait_for_ports(one.name, {})
      local at_once = mt.monotonic() - before
      return {
        same = ports["80/tcp"][1].HostPort == one.ports["80/tcp"][1].HostPort, quick = quick < 4, waited = waited > 0.3,
        at_once = at_once < 4, never = never["81/tcp"] == nil, none = none["80/tcp"] ~= nil,
        ready = {m.ports_ready(ports, {"80/tcp"}), m.ports_ready(ports, {"80/tcp", "81/tcp"}), m.ports_ready(ports), m.ports_ready({}), m.ports_ready(nil)},
        cpu = {m.cpu_to_nano_cpus "0.5", m.cpu_to_nano_cpus " 500M ", m.cpu_to_nano_cpus(1), m.cpu_to_nano_cpus "2.0"},
        no_cpu = {m.cpu_to_nano_cpus(0) == nil, m.cpu_to_nano_cpus(-1) == nil, m.cpu_to_nano_cpus(nil) == nil,
          m.cpu_to_nano_cpus "much" == nil, m.cpu_to_nano_cpus "" == nil, m.cpu_to_nano_cpus({}) == nil, m.cpu_to_nano_cpus "0m" == nil},
        normal = {m.normalize_ports {["80/tcp"] = 0}["80/tcp"] == mt.json.null, m.normalize_ports {["80/tcp"] = 8080}["80/tcp"],
          m.normalize_ports {} == nil, m.normalize_ports(nil) == nil},
        types = {math.type(m.cpu_to_nano_cpus "0.5"), math.type(m.cpu_to_nano_cpus(1))},
      }
    ]=]
    assert.are.same({true, true, true, true, true, true}, {got.same, got.quick, got.waited, got.at_once, got.never, got.none})
    assert.are.same({true, false, true, false, false}, got.ready)
    assert.are.same({500000000, 500000000, 1000000000, 2000000000}, got.cpu)
    assert.are.same({true, true, true, true, true, true, true}, got.no_cpu)
    assert.are.same({true, 8080, true, true}, got.normal)
    assert.are.same({"integer", "integer"}, got.types)
  end)
end)

describe("The receiver of an image's DISCOVERY_CALLBACK", function()
  -- "event status" of each post about a container, and their number.
  local function story(posts, name)
    local lines = {}
    for _, post in ipairs(posts) do
      if post.name == name then lines[#lines + 1] = post.event .. " " .. post.status end
    end
    return table.concat(lines, ", ")
  end

  it("hears of every transition, and of nothing else", function()
    heard()
    local got = value [=[
      local name = image "discovery"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}, ports = {["80/tcp"] = 0}})
      local one = m:reconcile(name).current[1]
      m:reconcile(name)
      m:ensure_singleton_for_image(name)
      m:set_container_status(one.name, {status = "running"})
      m:set_container_status(one.name, {status = "stopped"})
      m:set_container_status(one.name, {status = "stopped"})
      local started = m:set_container_status(one.name, {status = "running"})
      m:delete_container(one.name)
      local forced = m:reconcile(name).current[1]
      m:delete_container(forced.name, {force = true})
      local dead = m:reconcile(name).current[1]
      docker.kill(dead.name)
      docker.wait(dead.name)
      m:delete_container(dead.name)
      return {one = one, started = started, forced = forced, dead = dead}
    ]=]
    local posts = heard()
    assert.are.equal("create running, stop stopped, start running, stop stopped", story(posts, got.one.name))
    assert.are.equal("create running, stop stopped", story(posts, got.forced.name))
    assert.are.equal("create running", story(posts, got.dead.name))
    assert.are.equal(7, #posts)
    local create, stop, start, last = posts[1], posts[2], posts[3], posts[4]
    assert.are.same({got.one.container_id, "parity/discovery:1", got.one.ports}, {create.container_id, create.image, create.ports})
    assert.are.same({got.one.ports, got.started.ports, got.started.ports}, {stop.ports, start.ports, last.ports})
    assert.is_string(create.ports["80/tcp"][1].HostPort)
    assert.are.equal(host.shell("uname -n").out, create.host .. "\n")
    local count = 0
    for _ in pairs(create) do count = count + 1 end
    assert.are.equal(7, count)
  end)

  it("hears that one was made to be stopped, and of each that goes with a scale", function()
    heard()
    local got = value [=[
      local name = image "discovery_scale"
      m:register_desired_state(name, {min_replicas = 2, env = {DISCOVERY_CALLBACK = CALLBACK}, resources = {status = "stopped"}})
      local made = m:reconcile(name)
      m:register_desired_state(name, {min_replicas = 2, env = {DISCOVERY_CALLBACK = CALLBACK}})
      local run = m:reconcile(name)
      m:scale(name, {min_replicas = 0, max_replicas = 0})
      return {made = names(made.current), run = run}
    ]=]
    local posts = heard()
    for _, name in ipairs(got.made) do assert.are.equal("create stopped", story(posts, name)) end
    local running = 0
    for _, one in ipairs(got.run.current) do
      if one.status == "running" then
        running = running + 1
        assert.are.equal("create running, stop stopped", story(posts, one.name))
      end
    end
    assert.are.same({2, 6}, {running, #posts})
  end)

  it("that fails fails no operation, and a warning says so", function()
    local outcome = engine.ask(LABEL, PREAMBLE:format(receiver.url .. "/raw?HTTP/1.1%20500%20No%0D%0A%0D%0A") .. [=[
      local name = image "deaf"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local result = m:reconcile(name)
      return {result.ok, result.current[1].name}
    ]=])
    assert.is_true(outcome.value[1])
    assert.matches("nobody heard of the create of " .. outcome.value[2]:gsub("%p", "%%%0") .. ": .*status 500", outcome.stderr)
    assert.is_nil(outcome.stderr:find("HTTP", 1, true))
  end)

  it("that hangs keeps no operation waiting", function()
    local outcome = engine.ask(LABEL, PREAMBLE:format(receiver.url .. "/silent/7") .. [=[
      local name = image "hangs"
      m:register_desired_state(name, {env = {DISCOVERY_CALLBACK = CALLBACK}})
      local one = m:reconcile(name).current[1]
      local before = mt.monotonic()
      m:set_container_status(one.name, {status = "stopped"})
      return mt.monotonic() - before
    ]=])
    assert.is_true(outcome.value < 3.5, outcome.value)
    assert.matches("within 2 s", outcome.stderr)
  end)
end)
