-- Ranges of host ports: each container gets a port of its own, whoever starts at the same moment.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_ranges"

describe("a range of ports", function()
  before_each(function() engine.clean(LABEL) end)
  teardown(function() engine.clean(LABEL) end)
  after_each(fake.stop_all)

  it("gives each of several containers that start at once its own, to the last one", function()
    local got = engine.value(LABEL, [[
      local function run(i) return docker.run(web {name = "spec-range-" .. i, ports = {["80/tcp"] = "18460-18465"}}) end
      local made, errs = mt.map({1, 2, 3, 4, 5, 6}, run)
      local ports = {}
      for i = 1, 6 do ports[i] = made[i] and made[i].ports["80/tcp"][1].HostPort or tostring(errs[i]) end
      table.sort(ports)
      local _, err = run(7)
      return {ports = ports, kind = err.kind, text = tostring(err)}
    ]])
    assert.are.same({"18460", "18461", "18462", "18463", "18464", "18465"}, got.ports)
    assert.are.equal("conflict", got.kind)
    assert.is_truthy(got.text:find('docker.run: container "spec-range-7": no port of its range is free', 1, true), got.text)
    assert.are.equal(6, #engine.containers(LABEL))
  end)

  it("is gone through where programs of the host hold most of it", function()
    local ports, holders = {}, {}
    local function held(port)
      for _, holder in ipairs(holders) do
        if holder == port then return true end
      end
    end
    for _ = 1, 3 do holders[#holders + 1] = tonumber(fake.start({}, {tcp = true}).host:match("%d+$")) end
    table.sort(holders)
    ports[1], ports[2] = holders[1], holders[1] + 3
    local got = engine.value(LABEL, ([[
      return docker.run(web {name = "spec-range", ports = {["80/tcp"] = "127.0.0.1:%d-%d"}}).ports["80/tcp"][1].HostPort
    ]]):format(ports[1], ports[2]))
    assert.is_true(tonumber(got) > ports[1] and tonumber(got) <= ports[2])
    assert.is_nil(held(tonumber(got)))
  end)

  it("is tried port by port where the engine takes none", function()
    local id = ("a"):rep(64)
    local it = fake.start {
      {"^POST /v1.41/containers/create", status = 500, times = 1,
        body = '{"message":"make cli opts(): strconv.Atoi: parsing \\"8080-8082\\": invalid syntax"}'},
      {"^POST /v1.41/containers/create", status = 201, body = ('{"Id":"%s"}'):format(id)},
      {"^GET /v1.41/containers/json", body = '[{"Id":"b","Ports":[{"PrivatePort":80,"PublicPort":8080,"Type":"tcp"}]}]'},
      {"/start$", status = 500, times = 1, body = '{"message":"listen tcp 0.0.0.0:8081: bind: address already in use"}'},
      {"/start$", status = 204}, {"^DELETE", status = 204}, {"/json$", body = ('{"Id":"%s"}'):format(id)},
    }
    assert.are.equal(id, engine.value(LABEL, 'return docker.run(web {ports = {["80/tcp"] = "8080-8082"}}).container_id',
      {env = {DOCKER_HOST = it.host}}))
    local asked = {}
    for _, request in ipairs(it:stop()) do
      if request.target:find("/containers/create", 1, true) then
        asked[#asked + 1] = request.body:match('"HostPort":"([%d-]+)"')
      end
    end
    assert.are.same({"8080-8082", "8081", "8082"}, asked) -- 8080 is a container's
    assert.are.equal(1, it:count "^DELETE")
  end)
end)
