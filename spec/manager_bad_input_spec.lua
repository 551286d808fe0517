-- What the manager makes of bad input and of a world that does not hold still: it says so, leaves nothing behind, and
-- other images are not touched.
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local manager = require "spec.support.manager"

local value, of_image = manager.value, manager.of_image

setup(manager.setup)
teardown(manager.teardown)

-- Calls that raise, and how the message begins, in one script each; nothing is sent for any of them.
local function raise(rows)
  local calls, expected = {}, {}
  for i, row in ipairs(rows) do
    calls[i] = ("said(pcall(function() return %s end))"):format(row[1])
    expected[i] = row[2]
  end
  local result = host.script([[
    local m = mt.manager {engine = setmetatable({}, {__index = function(_, name)
      if name == "host" then return nil end
      return function() error("asked for " .. name) end
    end})}
    local function said(ok, message) print(ok and "accepted" or (tostring(message):gsub("^/[^ ]*%.lua:%d+: ", "", 1))) end
  ]] .. table.concat(calls, "\n"))
  assert.are.same({"", 0}, {result.err, result.code})
  local at = 0
  for line in result.out:gmatch("(.-)\n") do
    at = at + 1
    if line:sub(1, #expected[at]) ~= expected[at] then assert.are.equal(expected[at], line) end
  end
  assert.are.equal(#rows, at)
end

describe("A count", function()
  it("is a whole number from 0 to 1000, and min is not more than max", function()
    local rows = {}
    for _, call in ipairs {"register_desired_state", "scale"} do
      for text, shown in pairs {
        ["-1"] = "number -1", ["0.5"] = "number 0.5", ["1001"] = "number 1001", ["1e300"] = "number 1e+300",
        ["math.huge"] = "number inf", ["math.maxinteger"] = "number 9223372036854775807", ["2^53"] = "number 9.007",
      } do
        for _, key in ipairs {"min_replicas", "max_replicas"} do
          rows[#rows + 1] = {('m:%s("web", {%s = %s})'):format(call, key, text),
            ('manager.%s: option "%s" must be a whole number from 0 to 1000, got %s'):format(call, key, shown)}
        end
      end
      rows[#rows + 1] = {('m:%s("web", {min_replicas = 3, max_replicas = 2})'):format(call),
        ('manager.%s: option "min_replicas" is 3, more than max_replicas, 2; exchange them'):format(call)}
      for _, bad in ipairs {'"3"', "true", "{}"} do
        rows[#rows + 1] = {('m:%s("web", {max_replicas = %s})'):format(call, bad),
          ('manager.%s: option "max_replicas" must be a number, got '):format(call)}
      end
    end
    raise(rows)
  end)
end)

describe("An image", function()
  it("is a reference", function()
    local rows = {}
    for _, call in ipairs {"register_desired_state", "scale", "reconcile", "ensure_singleton_for_image", "run_new_container"} do
      for _, bad in ipairs {'""', '"Web"', '"a b"', '"web:"', '"web\\n"', '"-a"', '"a//b"'} do
        rows[#rows + 1] = {("m:%s(%s)"):format(call, bad), ('manager.%s: option "image" is a bad image reference'):format(call)}
      end
      for bad, shown in pairs {["nil"] = "nil", ["3"] = "number 3", ["{}"] = "table"} do
        rows[#rows + 1] = {("m:%s(%s)"):format(call, bad),
          ('manager.%s: argument "image" must be a string, got %s'):format(call, shown)}
      end
    end
    for _, call in ipairs {"desired", "forget", "plan", "adopt", "get_containers_for_image", "current_for_image"} do
      rows[#rows + 1] = {("m:%s()"):format(call), ('manager.%s: argument "image" must be a string, got nil'):format(call)}
    end
    raise(rows)
  end)
end)

describe("An option", function()
  it("that is not known is named, with the nearest", function()
    raise {
      {'m:register_desired_state("web", {min_replica = 1})', 'manager.register_desired_state: unknown option "min_replica" '
        .. '(did you mean "min_replicas"?)'},
      {'m:ensure_singleton_for_image("web", {port = {}})',
        'manager.ensure_singleton_for_image: unknown option "port" (did you mean "ports"?)'},
      {'m:ensure_singleton_for_image("web", {min_replicas = 1})',
        'manager.ensure_singleton_for_image: unknown option "min_replicas"'},
      {'m:run_new_container("web", {resource = {}})',
        'manager.run_new_container: unknown option "resource" (did you mean "resources"?)'},
      {'m:run_new_container("web", {resources = {cpus = 1}})',
        'manager.run_new_container: unknown option "resources.cpus" (did you mean "cpu"?)'},
      {'m:scale("web", {min = 1})', 'manager.scale: unknown option "min"'},
      {'m:scale("web", 3)', "manager.scale: options must be a table, got number 3"},
      {'m:delete_container("web", {forced = true})', 'manager.delete_container: unknown option "forced" (did you mean "force"?)'},
      {'m:delete_container("web", {force = 1})', 'manager.delete_container: option "force" must be true or false, got number 1'},
      {'m:set_container_status("web", {state = "running"})',
        'manager.set_container_status: unknown option "state" (did you mean "status"?)'},
      {'m:set_container_status("web", "running")', 'manager.set_container_status: options must be a table, got string "running"'},
      {'mt.manager {engin = {}}', 'manager: unknown option "engin" (did you mean "engine"?)'},
      {'mt.manager {stop_timeout = -1}', 'manager: option "stop_timeout" must be a duration'},
      {'mt.manager {planner = "mine"}', 'manager: option "planner" must be a function, got string "mine"'},
      {'mt.manager {engine = {}, engine_factory = print}', 'manager: option "engine_factory" stands instead of engine'},
    }
  end)

  it("of a container is as in a spec", function()
    local rows = {}
    for options, message in pairs {
      ['resources = {cpu = "fast"}'] = 'option "resources.cpu" must be CPUs above 0',
      ["resources = {cpu = 0}"] = 'option "resources.cpu" must be',
      ["resources = {cpu = -1}"] = 'option "resources.cpu" must be',
      ['resources = {memory = "12q"}'] = 'option "resources.memory" must be',
      ["resources = {memory = 0}"] = 'option "resources.memory" must be',
      ['resources = {status = "up"}'] = 'option "resources.status" must be',
      ['ports = {["80"] = 1}'] = 'port "80" has no protocol',
      ["env = {[1] = 2}"] = 'option "env" must be', ["env = 3"] = 'option "env" must be a table',
      ['ports = "80/tcp"'] = 'option "ports" must be a table',
    } do
      for _, call in ipairs {"register_desired_state", "ensure_singleton_for_image", "run_new_container"} do
        rows[#rows + 1] = {('m:%s("web", {%s})'):format(call, options), ("manager.%s: %s"):format(call, message)}
      end
    end
    raise(rows)
  end)
end)

describe("A manager's function", function()
  it("that is called wrongly says how", function()
    raise {
      {'m.reconcile("web")', "manager.reconcile: call it with a colon: m:reconcile(...)"},
      {"m.list_managed_containers()", "manager.list_managed_containers: call it with a colon"},
      {'m:cpu_to_nano_cpus("1")', "manager.cpu_to_nano_cpus: call it with a dot: m.cpu_to_nano_cpus(...)"},
      {'m:wait_for_ports("a")', "manager.wait_for_ports: call it with a dot"},
      {'m:discovery_callback_url("a")', "manager.discovery_callback_url: call it with a dot"},
      {'m.ports_ready({}, "80/tcp")', 'manager.ports_ready: argument "keys" must be a table, got string'},
      {'m.normalize_ports("80/tcp")', 'manager.normalize_ports: argument "ports" must be a table, got string'},
      {'m:reconsile("web")', 'a manager has no "reconsile" (did you mean "reconcile"?)'},
      {'m:port_ready({})', 'a manager has no "port_ready" (did you mean "ports_ready"?)'},
      {'mt.manager {engine = {list = print}}:reconcile("web")',
        'manager: the engine has no function "run"; it needs those of mt.docker'},
    }
  end)

  it("takes names and ids that cannot be a path", function()
    local rows = {}
    for _, call in ipairs {"delete_container", "container_stats", "set_container_status"} do
      for _, bad in ipairs {'""', '"../x"', '"a/b"', '"a?force=1"', '"a\\r\\nb"', '"%2e"', '"-a"'} do
        rows[#rows + 1] = {("m:%s(%s)"):format(call, bad),
          ('manager.%s: argument "name_or_id" must be a name or id'):format(call)}
      end
      rows[#rows + 1] = {("m:%s()"):format(call), ('manager.%s: argument "name_or_id" must be a string, got nil'):format(call)}
    end
    raise(rows)
  end)
end)

describe("An image that is not there #slow", function()
  it("fails each action, and another image is not touched", function()
    local got = value [=[
      local name = image "beside"
      m:scale(name, {min_replicas = 2})
      local missing = m:scale("parity/missing:1", {min_replicas = 3})
      return {missing = missing, beside = m:reconcile(name)}
    ]=]
    assert.are.same({false, 3, 0}, {got.missing.ok, #got.missing.actions, #got.missing.current})
    for _, action in ipairs(got.missing.actions) do
      assert.is_false(action.ok)
      assert.matches("^Failed to run container: .*parity/missing:1", action.error)
    end
    assert.are.equal(got.missing.actions[1].error, got.missing.error)
    assert.are.same({true, 0, 2}, {got.beside.ok, #got.beside.actions, #got.beside.current})
  end)
end)

describe("A container that ends at once #slow", function()
  it("is no success, and no second reconcile makes more of it", function()
    local got = value [=[
      local name = image("crash", "moontide/crash")
      m:register_desired_state(name, {min_replicas = 2, env = {CODE = 3}})
      local first = m:reconcile(name)
      local function waits(summary) -- for its next start, 1.6 s and more after the fourth
        local seen = docker.inspect(summary.container_id)
        return seen.RestartCount >= 4 and seen.State.Status == "restarting"
      end
      repeat mt.sleep(0.05) until waits(first.current[1]) and waits(first.current[2])
      local second = m:reconcile(name)
      local gone = m:scale(name, {min_replicas = 0, max_replicas = 0})
      return {first = #first.current, second = second, gone = gone}
    ]=]
    assert.are.equal(2, got.first)
    assert.is_false(got.second.ok)
    assert.matches("of 2 containers run, and 2 to 2 should; look at their logs", got.second.error)
    assert.are.same({0, 2}, {#got.second.actions, #got.second.current})
    assert.are.same({true, 2, 0}, {got.gone.ok, #got.gone.actions, #got.gone.current})
  end)
end)

describe("Others who work on the same containers #slow", function()
  it("may remove one in between", function()
    local got = value [=[
      local name = image "by_hand"
      local three = m:scale(name, {min_replicas = 3}).current
      docker.remove(three[1].name, {force = true})
      local deleted, healed = m:delete_container(three[1].name), m:reconcile(name)
      local slow = mt.spawn(m.scale, m, name, {min_replicas = 0, max_replicas = 0})
      repeat mt.sleep(0.001) until #docker.list {label = {["orchestrator.image"] = name}} < 3 or slow:status() == "done"
      for _, one in ipairs(docker.list {all = true, label = {["orchestrator.image"] = name}}) do
        docker.remove(one.container_id, {force = true})
      end
      local _, result = slow:join()
      return {deleted = deleted, healed = healed, result = result}
    ]=]
    assert.are.same({false, "not-found"}, {got.deleted.deleted, got.deleted.error})
    assert.are.same({true, 1, 3}, {got.healed.ok, #got.healed.actions, #got.healed.current})
    assert.are.same({true, 0}, {got.result.ok, #got.result.current})
    assert.are.same({}, of_image "by_hand")
  end)

  it("may ask the same at the same time: each waits for its turn", function()
    local got = value [=[
      local name = image "together"
      m:register_desired_state(name, {min_replicas = 2})
      local other = mt.manager()
      local results = mt.all {
        function() return m:reconcile(name) end, function() return other:reconcile(name) end,
        function() return m:ensure_singleton_for_image(name) end, function() return other:scale(name, {min_replicas = 3}) end,
      }
      local made = 0
      for _, i in ipairs {1, 2, 4} do made = made + #results[i].actions end
      return {made = made, ok = {results[1].ok, results[2].ok, results[3].ok, results[4].ok}, kept = results[3].action}
    ]=]
    assert.are.same({3, {true, true, true, true}, "kept-existing"}, {got.made, got.ok, got.kept})
    assert.are.equal(3, #of_image "together")
  end)

  it("may be cancelled in the middle: the next one tidies up", function()
    -- What the engine was still busy with when it was asked to remove it is worth a warning.
    local got = manager.ask("/", [=[
      local name = image "cancelled"
      local cancelled = mt.spawn(m.scale, m, name, {min_replicas = 4})
      repeat mt.sleep(0.001) until #docker.list {all = true, label = {["orchestrator.image"] = name}} > 0
      cancelled:cancel()
      local result = m:reconcile(name)
      return {result = result, status = cancelled:status(), wish = m:desired(name).min_replicas}
    ]=]).value
    assert.are.same({"cancelled", 4, true, 4}, {got.status, got.wish, got.result.ok, #got.result.current})
    for _, one in ipairs(of_image "cancelled") do assert.are.equal("running", one.State) end
    assert.are.equal(4, #of_image "cancelled")
  end)
end)

describe("A container's callback #slow", function()
  -- What is said of a callback when a container is made and removed; the operations go well.
  local function told(url)
    local outcome = engine.ask("manager", ([=[
      local m = mt.manager {stop_timeout = 1}
      local result = m:ensure_singleton_for_image("moontide/web", {env = {DISCOVERY_CALLBACK = %q}})
      m:register_desired_state("moontide/web", {env = {DISCOVERY_CALLBACK = %q}})
      return {result.ok, m:delete_container(result.name).deleted}
    ]=]):format(url, url))
    assert.are.same({true, true}, outcome.value)
    local _, warnings = outcome.stderr:gsub("WARN  manager: nobody heard of the %l+ of web%-%x+: ", "")
    assert.are.equal(2, warnings)
    return outcome.stderr
  end

  it("that is none, or refused, is warned of; nothing fails", function()
    assert.matches("only http and https are allowed", told "file:///etc/passwd?token=hidden")
    assert.matches("169.254.169.254 is a link%-local address", told "http://2852039166/?token=hidden")
    local out = told(manager.receiver.url
      .. "/raw?HTTP/1.1%20302%20Go%0D%0ALocation:%20file:///etc/passwd%3Ftoken=hidden%0D%0A%0D%0A")
    assert.matches("redirects to file:///etc/passwd %(status 302%)", out)
    assert.is_nil(out:find("hidden", 1, true))
  end)
end)

describe("An engine #slow", function()
  it("that goes in the middle fails what was not done, and the next one goes on", function()
    local got = value [=[
      local name, lost = image "middle", false
      local broken = setmetatable({}, {__index = docker})
      local calls = 0
      function broken.run(spec)
        calls = calls + 1
        if calls > 2 then lost = true end
        return (lost and assert(docker.connect {host = "unix:///nosuch/docker.sock"}) or docker).run(spec)
      end
      function broken.list(options)
        return (lost and assert(docker.connect {host = "unix:///nosuch/docker.sock"}) or docker).list(options)
      end
      local result = mt.manager {engine = broken}:scale(name, {min_replicas = 4})
      return {result = result, after = m:scale(name, {min_replicas = 4})}
    ]=]
    assert.are.same({false, "transport"}, {got.result.ok, got.result.kind})
    assert.matches("/nosuch/docker.sock", got.result.error)
    local done = 0
    for _, action in ipairs(got.result.actions) do done = done + (action.ok and 1 or 0) end
    assert.are.same({4, 2}, {#got.result.actions, done})
    assert.are.same({true, 2, 4}, {got.after.ok, #got.after.actions, #got.after.current})
  end)
end)
