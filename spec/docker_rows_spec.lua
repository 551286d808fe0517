-- What is pure in the functions of images, networks and ports.
local network = require "moontide.docker.spec.network"
local ranges = require "moontide.docker.ranges"
local reference = require "moontide.docker.spec.image"

describe("an image's name", function()
  for name, parts in pairs {
    ["web"] = {"web"}, ["web:1"] = {"web", "1"}, ["a/b/web:1"] = {"a/b/web", "1"},
    ["registry:5000/web"] = {"registry:5000/web"}, ["registry:5000/web:1"] = {"registry:5000/web", "1"},
    ["web@sha256:ab"] = {"web", nil, "sha256:ab"}, ["h:1/web:2@sha256:ab"] = {"h:1/web", "2", "sha256:ab"},
  } do
    it(name .. " has its parts", function()
      local repository, tag, digest = reference.parts(name)
      assert.are.same({parts[1], parts[2], parts[3]}, {repository, tag, digest})
    end)
  end

  for _, case in ipairs {
    {"web:latest", "web", true}, {"web:1", "web", true}, {"web:1", "web:1", true}, {"web:1", "web:2", false},
    {"docker.io/library/web:1", "web:1", true}, {"docker.io/me/web:1", "me/web", true}, {"localhost/web:1", "web", true},
    {"web:1", "docker.io/library/web:1", true}, {"me/web:1", "web", false}, {"web-2:1", "web", false},
    {"registry:5000/web:1", "web", false}, {"registry:5000/web:1", "registry:5000/web", true},
  } do
    it(("%s is %s%s"):format(case[1], case[3] and "" or "not ", case[2]), function()
      assert.are.equal(case[3], reference.names(case[1], case[2]))
    end)
  end
end)

describe("a network's body", function()
  it("has a pool for each kind of address", function()
    local body = network.create("op", {
      name = "net", ipv6 = true, subnet = {"fd00:1::/64", "10.1.0.0/24"}, gateway = "10.1.0.1", options = {mtu = 1400},
    })
    assert.are.same({{Subnet = "10.1.0.0/24", Gateway = "10.1.0.1"}, {Subnet = "fd00:1::/64"}}, body.IPAM.Config)
    assert.are.same({"net", "bridge", true, true, {mtu = "1400"}},
      {body.Name, body.Driver, body.CheckDuplicate, body.EnableIPv6, body.Options})
  end)

  it("has an address of its kind", function()
    assert.is_nil(network.endpoint("op", {}))
    assert.are.same({IPAMConfig = {IPv4Address = "10.1.0.7"}}, network.endpoint("op", {ip = "10.1.0.7"}))
    assert.are.same({Aliases = {"a"}, IPAMConfig = {IPv6Address = "fd00::7"}},
      network.endpoint("op", {ip = "fd00::7", aliases = {"a"}}))
  end)
end)

describe("ranges of ports", function()
  local function body(map)
    local bindings = {}
    for key, port in pairs(map) do bindings[key] = {{HostIp = "0.0.0.0", HostPort = port}} end
    return {HostConfig = {PortBindings = bindings}}
  end

  it("are gone through in order, past what is used, to their end", function()
    local request = body {["80/tcp"] = "8080-8083"}
    local list, tried, used = ranges.of(request), {}, {[8081] = true}
    while ranges.advance(list, nil, used) do tried[#tried + 1] = request.HostConfig.PortBindings["80/tcp"][1].HostPort end
    assert.are.same({"8080", "8082", "8083"}, tried)
  end)

  it("go on one at a time when the engine says whose port is taken", function()
    local request = body {["80/tcp"] = "8080-8083", ["81/tcp"] = "9080-9083", ["82/tcp"] = "70"}
    local list, used = ranges.of(request), {}
    assert.are.equal(2, #list)
    ranges.advance(list, nil, used)
    ranges.advance(list, {message = "port 0.0.0.0:9080 is already taken by another container"}, used)
    local bindings = request.HostConfig.PortBindings
    assert.are.same({"8080", "9081", "70"},
      {bindings["80/tcp"][1].HostPort, bindings["81/tcp"][1].HostPort, bindings["82/tcp"][1].HostPort})
  end)

  it("are not what a taken name or a missing image is about", function()
    assert.is_true(ranges.taken {kind = "conflict", next = "retry", message = "port 0.0.0.0:80 is already taken"})
    assert.is_false(ranges.taken {kind = "conflict", next = "relist", message = 'name "port" is already in use'})
    assert.is_true(ranges.refused {message = 'strconv.Atoi: parsing "80-90": invalid syntax'})
    assert.is_false(ranges.refused {message = 'strconv.Atoi: parsing "x": invalid syntax'})
  end)

  it("are none in what people write into host_config themselves", function()
    assert.are.same({}, ranges.of {HostConfig = {PortBindings = {["80/tcp"] = "x"}}})
    assert.are.same({}, ranges.of {HostConfig = {}})
  end)
end)
