-- Networks on a real engine.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"
local host = require "spec.support.host"

local LABEL = "engine_networks"

local function value(code, options) return engine.value(LABEL, code, options) end

local function failure(code, options) return engine.failure(LABEL, code, options) end

-- All networks of a name: a name may be there twice.
local function clean()
  engine.clean(LABEL)
  local _, list = engine.api("GET", "/networks")
  for _, network in ipairs(list) do
    if network.Name:find("^spec%-") then engine.api("DELETE", "/networks/" .. network.Id) end
  end
end

describe("networks", function()
  before_each(clean)
  teardown(clean)
  after_each(fake.stop_all)

  it("are made, found and removed", function()
    local got = value [[
      local make = docker.network_create
      local id = make {name = "spec-net", labels = {tier = "a"}, subnet = "10.211.1.0/24", gateway = "10.211.1.9",
        internal = true, options = {["com.docker.network.bridge.enable_icc"] = false}}
      local second = make {name = "spec-net-2", labels = {tier = "b"}}
      local function names(list)
        local found = {}
        for i, network in ipairs(list) do found[i] = network.Name end
        table.sort(found)
        return found
      end
      return {
        id = id, all = names(docker.networks()), exact = names(docker.networks {name = "spec-net"}),
        part = names(docker.networks {name = "pec-ne"}), label = names(docker.networks {label = {tier = "b"}}),
        network = docker.network "spec-net", prefix = docker.network(id:sub(1, 20)).Name,
        removed = {docker.network_remove "spec-net", docker.network_remove "spec-net", docker.network_remove(second)},
        left = names(docker.networks {name = "spec-net"}),
      }
    ]]
    assert.are.same({"spec-net"}, got.exact)
    assert.are.same({{}, {}, {"spec-net-2"}}, {got.part, got.left, got.label})
    assert.are.same({true, true, true}, got.removed)
    assert.are.same({got.id, "bridge", true, "a", "spec-net"}, {got.network.Id, got.network.Driver, got.network.Internal,
      got.network.Labels.tier, got.prefix})
    assert.are.same({Subnet = "10.211.1.0/24", Gateway = "10.211.1.9"}, got.network.IPAM.Config[1])
    assert.are.equal("false", got.network.Options["com.docker.network.bridge.enable_icc"])
    assert.is_truthy((" " .. table.concat(got.all, " ") .. " "):find(" bridge ", 1, true))
  end)

  it("have a name once, whoever else takes it at the same moment", function()
    local got = value [[
      local ids, errs = mt.map({1, 2, 3, 4}, function() return docker.network_create {name = "spec-once"} end)
      local made, kinds = 0, {}
      for i = 1, 4 do
        made = made + (ids[i] and 1 or 0)
        kinds[#kinds + 1] = errs[i] and errs[i].kind
      end
      local _, err = docker.network_create {name = "spec-once"}
      return {made = made, kinds = kinds, left = #docker.networks {name = "spec-once"}, text = tostring(err)}
    ]]
    assert.are.same({1, 1, {"conflict", "conflict", "conflict"}}, {got.made, got.left, got.kinds})
    assert.matches('^docker.network_create: network "spec%-once": the name is already in use by network %x+; remove that one',
      got.text)
  end)

  it("of one name that were made by others are told apart by their ids", function()
    local _, first = engine.api("POST", "/networks/create", {Name = "spec-two"})
    local _, second = engine.api("POST", "/networks/create", {Name = "spec-two"})
    local err = failure 'return docker.network "spec-two"'
    assert.are.equal("conflict", err.kind)
    engine.reads(err, 'docker.network: network "spec-two": several have that name, or ids that begin so; give the full id')
    assert.are.equal(second.Id, value(('return docker.network("%s").Id'):format(second.Id)))
    assert.are.equal(2, value 'return #docker.networks {name = "spec-two"}')
    assert.are_not.equal(first.Id, second.Id)
  end)

  it("have a name once, whichever process takes it", function()
    local code = [[local id, err = mt.docker.network_create {name = "spec-once"} print(id and "made" or err.kind)]]
    local result = host.shell(("for i in 1 2 3 4; do '%s' eval '%s' & done; wait"):format(host.binary, code))
    local words = {}
    for word in result.out:gmatch("%S+") do words[#words + 1] = word end
    table.sort(words)
    assert.are.same({{"conflict", "conflict", "conflict", "made"}, ""}, {words, result.err})
    assert.are.equal(1, value 'return #docker.networks {name = "spec-once"}')
  end)

  -- What the engine tells of networks that were made at the same moment, and who keeps the name then.
  local function lines_of(events)
    local lines = {}
    for i, event in ipairs(events) do
      local action, of, name = event:match("^(%a+) (%a+) ?(%a*)$")
      lines[i] = ('{"Type":"network","Action":"%s","Actor":{"ID":"%s","Attributes":{"name":"%s"}},"time":1,"timeNano":%d}\n')
        :format(action, of, name == "" and "n1" or name, i)
    end
    return table.concat(lines)
  end

  local function kept(id, events, more)
    local both = '[{"Id":"aa","Name":"n1","Created":"2026-01-01T00:00:01Z"},'
      .. '{"Id":"bb","Name":"n1","Created":"2026-01-01T00:00:02Z"}]'
    local rules = {
      {"^GET /v1.41/networks", body = "[]", times = 1}, {"^GET /v1.41/networks", body = both},
      {"^POST /v1.41/networks/create", status = 201, body = ('{"Id":"%s"}'):format(id)}, {"^DELETE", status = 204},
      {"^GET /v1.41/events", status = more and more.status, body = lines_of(events)},
    }
    local it = fake.start(rules)
    local outcome = engine.ask(LABEL, 'return docker.network_create {name = "n1"}', {env = {DOCKER_HOST = it.host}})
    local deleted = it:count("^DELETE /v1.41/networks/" .. id)
    if outcome.value then
      assert.are.same({id, 0}, {outcome.value, deleted})
      return true
    end
    local other = id == "aa" and "bb" or "aa"
    assert.are.same({"conflict", other, 1}, {outcome.err.kind, outcome.err.text:match("by network (%x+);"), deleted})
    return false
  end

  it("made at once belong to the one that the engine announced first, however old", function()
    assert.is_true(kept("bb", {"create bb", "create aa"}))
    assert.is_false(kept("aa", {"create bb", "create aa"}))
    assert.is_true(kept("aa", {"create aa", "create bb"}))
    assert.is_true(kept("aa", {"create bb other", "create aa", "create bb"}))
  end)

  it("made at once are nobody's rather than twice", function()
    assert.is_true(kept("bb", {"create cc", "destroy cc", "create bb", "create aa"}))
    assert.is_false(kept("bb", {"create cc", "create aa", "destroy aa", "create bb"}))
    assert.is_false(kept("aa", {"create bb"}))
    assert.is_false(kept("aa", {}, {status = 500}))
  end)

  it("are joined and left, also when it was so already", function()
    local got = value [[
      docker.network_create {name = "spec-net", subnet = "10.211.1.0/24"}
      docker.run(web {name = "spec-in"})
      local join, leave = docker.network_connect, docker.network_disconnect
      local options = {aliases = {"shop", "db.local"}, ip = "10.211.1.77"}
      local joined = {join("spec-net", "spec-in", options), join("spec-net", "spec-in", options), join("spec-net", "spec-in")}
      local _, other = join("spec-net", "spec-in", {ip = "10.211.1.78"})
      local _, alias = join("spec-net", "spec-in", {aliases = {"another"}})
      local seen = docker.inspect("spec-in").NetworkSettings.Networks["spec-net"]
      local _, busy = docker.network_remove "spec-net"
      return {joined = joined, other = other.kind, alias = alias.kind, seen = seen, busy = tostring(busy),
        left = {leave("spec-net", "spec-in"), leave("spec-net", "spec-in"), leave("spec-net", "spec-in", {force = true})},
        removed = docker.network_remove "spec-net"}
    ]]
    assert.are.same({true, true, true}, got.joined)
    assert.are.same({true, true, true}, got.left)
    assert.are.same({"conflict", "conflict", "10.211.1.77"}, {got.other, got.alias, got.seen.IPAddress})
    assert.are.same({"shop", "db.local"}, {got.seen.Aliases[1], got.seen.Aliases[2]})
    assert.is_truthy(got.busy:find('"spec-net": containers are connected to it; disconnect or remove them first', 1, true))
    assert.is_true(got.removed)
  end)

  it("refuse what cannot be, and say what to do", function()
    value 'return docker.network_create {name = "spec-net", subnet = "10.211.1.0/24"}'
    value 'return docker.run(web {name = "spec-in"})'
    local cases = {
      {'network "spec-nosuch"', "not_found", 'network "spec-nosuch": there is no such network (any more); networks() shows'},
      {'network_remove "bridge"', "denied", 'network "bridge": it is the engine\'s own and stays'},
      {'network_create {name = "host"}', "conflict", 'network "host": the name is already in use by network '},
      {'network_create {name = "spec-b", subnet = "10.211.1.0/25"}', "conflict",
        'network "spec-b": another network has addresses of its subnet; choose another subnet'},
      {'network_create {name = "spec-b", subnet = "10.211.2.0/24", gateway = "10.9.9.9"}', "invalid",
        'network "spec-b": the gateway is not in the subnet; correct one of them'},
      {'network_connect("spec-net", "spec-nosuch")', "not_found",
        'network "spec-net": there is no container spec-nosuch (any more); list shows what there is'},
      {'network_connect("spec-nosuch", "spec-in")', "not_found", 'network "spec-nosuch": there is no such network'},
      {'network_connect("host", "spec-in")', "conflict", 'exclude every other'},
      {'network_connect("bridge", "spec-in", {ip = "10.1.1.1"})', "invalid", "leave out ip"},
      {'network_disconnect("spec-nosuch", "spec-in")', "not_found", 'network "spec-nosuch": there is no such network'},
      {'network_disconnect("spec-net", "spec-nosuch")', "not_found", "there is no container spec-nosuch"},
    }
    for _, case in ipairs(cases) do
      local err = failure("return docker." .. case[1])
      assert.are.equal(case[2], err.kind, case[1])
      engine.reads(err, "docker." .. case[1]:match("^[%a_]+") .. ": ", case[3])
    end
  end)

  it("have options that are checked before anything is sent", function()
    for code, message in pairs {
      ["network_create {}"] = 'docker.network_create: option "name" is missing',
      ['network_create {name = "a b"}'] = 'option "name" must be 2 to 255 letters',
      ['network_create {name = "ab", subnet = "10.0.0.0"}'] = 'option "subnet" must be like "10.1.0.0/24"',
      ['network_create {name = "ab", subnet = "10.0.0.0/33"}'] = 'option "subnet" must be like "10.1.0.0/24"',
      ['network_create {name = "ab", subnet = {"10.0.0.0/8", "10.0.0.0/9"}}'] = "has two of IPv4",
      ['network_create {name = "ab", subnet = "fd00::/64"}'] = "give ipv6 = true, too",
      ['network_create {name = "ab", gateway = "10.0.0.1"}'] = 'option "gateway" needs a subnet',
      ['network_create {name = "ab", subnet = "10.0.0.0/8", gateway = "fd00::1"}'] = 'option "gateway" is of IPv6',
      ['network_create {name = "ab", lables = {}}'] = 'unknown option "lables" (did you mean "labels"?)',
      ['network_connect("a")'] = 'docker.network_connect: argument "id" must be a string, got nil',
      ['network_connect("a", "b", {ip = "10.0.0"})'] = 'option "ip" must be an IP address, got string "10.0.0"',
      ['network_connect("a", "b", {aliases = {x = 1}})'] = 'option "aliases" must be a list of host names',
      ['network "a/b"'] = 'docker.network: argument "network" must be a name or id',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
