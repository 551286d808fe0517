-- What nothing uses goes, and nothing else.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_prune"

local function value(code, options) return engine.value(LABEL, code, options) end

local function clean()
  engine.clean(LABEL)
  local _, list = engine.api("GET", "/volumes")
  for _, volume in ipairs(list.Volumes or {}) do engine.api("DELETE", "/volumes/" .. volume.Name) end
  engine.api("DELETE", "/networks/spec-net")
  engine.api("DELETE", "/images/spec/prune:1")
end

describe("prune", function()
  before_each(clean)
  teardown(clean)
  after_each(fake.stop_all)

  it("takes containers that do not run, and only those that are meant", function()
    local got = value [[
      local id = docker.create(web {name = "spec-gone", labels = {tier = "a"}})
      docker.create(web {name = "spec-other", labels = {tier = "b"}})
      docker.run(web {name = "spec-runs", labels = {tier = "a"}})
      local prune = docker.prune
      return {id = id, young = prune("containers", {label = {spec = LABEL}, older = "1h"}),
        pruned = prune("containers", {label = {spec = LABEL, tier = "a"}}),
        again = prune("containers", {label = {spec = LABEL, tier = "a"}})}
    ]]
    assert.are.same({deleted = {}, space = 0}, got.young)
    assert.are.same({{got.id}, {}}, {got.pruned.deleted, got.again.deleted})
    assert.are.same({"spec-other", "spec-runs"}, engine.containers(LABEL))
  end)

  it("spares volumes that have a name of their own, and what is used", function()
    local got = value [[
      docker.volume_create {name = "spec-kept"}
      local nameless, labelled = docker.volume_create {}, docker.volume_create {labels = {tier = "a"}}
      docker.create(web {name = "spec-user", volumes = {"spec-used:/data"}})
      local prune = docker.prune
      local of_label = prune("volumes", {label = {tier = "a"}})
      local first = prune "volumes"
      local all = prune("volumes", {all = true})
      return {nameless = nameless.Name, labelled = labelled.Name, of_label = of_label.deleted, first = first.deleted,
        all = all.deleted, left = docker.volumes()[1].Name, count = #docker.volumes()}
    ]]
    assert.are.same({{got.labelled}, {got.nameless}, {"spec-kept"}}, {got.of_label, got.first, got.all})
    assert.are.same({"spec-used", 1}, {got.left, got.count})
  end)

  it("takes networks and images that nothing uses", function()
    value 'return docker.create(web {name = "spec-base"})'
    local _, image = engine.api("POST", "/commit?container=spec-base&repo=spec/prune&tag=1")
    local got = value [[
      docker.network_create {name = "spec-net", labels = {spec = LABEL}}
      local networks = docker.prune("networks", {label = {spec = LABEL}})
      local none = docker.prune("images", {label = {spec = LABEL}}).deleted
      return {networks = networks.deleted, none = none, images = docker.prune("images", {all = true, label = {spec = LABEL}})}
    ]]
    assert.are.same({{"spec-net"}, {}}, {got.networks, got.none})
    assert.are.equal(image.Id, got.images.deleted[1])
    assert.are.equal(404, (engine.api("GET", "/images/" .. image.Id .. "/json")))
  end)

  it("leaves it to newer engines which volumes have a name", function()
    for options, query in pairs {["nil"] = "^$", ["{all = true}"] = "%%22all%%22"} do
      local it = fake.start {
        {"^GET /_ping$", headers = {["Api-Version"] = "1.44"}, body = "OK"}, {"^GET /v1.44/version$", body = "{}"},
        {"^POST /v1.44/volumes/prune", body = '{"VolumesDeleted": null, "SpaceReclaimed": 5}'},
      }
      local got = value(('return docker.prune("volumes", %s)'):format(options), {env = {DOCKER_HOST = it.host}})
      assert.are.same({deleted = {}, space = 5}, got)
      local requests = it:stop()
      assert.matches(query, requests[#requests].target:match("prune(.*)$"))
    end
  end)

  it("that runs already is waited for", function()
    local it = fake.start {
      {"/images/prune", status = 409, body = '{"message":"a prune operation is already running"}'},
    }
    local err = engine.failure(LABEL, 'return docker.prune "images"', {env = {DOCKER_HOST = it.host}})
    assert.are.same({"conflict", "wait"}, {err.kind, err.next})
    engine.reads(err, "docker.prune: another prune is under way; wait a moment and ask again")
  end)

  it("takes mistakes for mistakes", function()
    for code, message in pairs {
      ['prune "volume"'] = 'docker.prune: argument "what": unknown "volume" (did you mean "volumes"?)',
      ["prune()"] = 'docker.prune: argument "what" must be a string, got nil',
      ['prune("volumes", {older = "1h"})'] = 'docker.prune: unknown option "older"',
      ['prune("containers", {all = true})'] = 'docker.prune: unknown option "all"',
      ['prune("images", {older = "old"})'] = 'docker.prune: option "older" must be a duration',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
