-- Volumes on a real engine.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_volumes"

local function value(code) return engine.value(LABEL, code) end

local function failure(code) return engine.failure(LABEL, code) end

describe("volumes", function()
  local function clean()
    engine.clean(LABEL)
    local _, list = engine.api("GET", "/volumes")
    for _, volume in ipairs(list.Volumes or {}) do engine.api("DELETE", "/volumes/" .. volume.Name) end
  end
  before_each(clean)
  teardown(clean)

  it("are made, found and removed, also when it was so already", function()
    local got = value [[
      local make = docker.volume_create
      local first = make {name = "spec-vol", labels = {tier = "a"}}
      local again, other, nameless = make {name = "spec-vol"}, make {name = "spec-vol-2", labels = {tier = "b"}}, make {}
      local function names(list)
        local found = {}
        for i, volume in ipairs(list) do found[i] = volume.Name end
        table.sort(found)
        return found
      end
      return {
        first = first, again = again, nameless = #nameless.Name, all = #docker.volumes(), volume = docker.volume "spec-vol",
        exact = names(docker.volumes {name = "spec-vol"}), part = names(docker.volumes {name = "pec-vo"}),
        label = names(docker.volumes {label = {tier = "b"}}), other = other.Labels,
        removed = {docker.volume_remove "spec-vol", docker.volume_remove "spec-vol", docker.volume_remove(nameless.Name)},
        left = names(docker.volumes()),
      }
    ]]
    assert.are.same({"spec-vol", "spec-vol", 64, 3}, {got.first.Name, got.again.Name, got.nameless, got.all})
    assert.are.same({"local", {tier = "a"}}, {got.volume.Driver, got.volume.Labels})
    assert.are.same({{"spec-vol"}, {}, {"spec-vol-2"}, {"spec-vol-2"}}, {got.exact, got.part, got.label, got.left})
    assert.are.same({{tier = "b"}, {true, true, true}}, {got.other, got.removed})
  end)

  it("and images are those of the very name and labels, whatever an engine finds", function()
    local it = fake.start {
      {"^GET /v1.41/volumes",
        body = '{"Volumes":[{"Name":"a1","Labels":{"x":"1"}},{"Name":"a12","Labels":{"x":"1"}},{"Name":"a1"}]}'},
      {"^GET /v1.41/images/json", body = '[{"RepoTags":["web-2:1"]},{"RepoTags":["docker.io/library/web:1"]},{"RepoTags":null}]'},
    }
    local got = engine.value(LABEL, 'return {docker.volumes {name = "a1", label = {x = "1"}}, docker.images {name = "web"}}',
      {env = {DOCKER_HOST = it.host}})
    it:stop()
    assert.are.same({{{Name = "a1", Labels = {x = "1"}}}, {{RepoTags = {"docker.io/library/web:1"}}}}, got)
  end)

  it("are a list when there are none", function()
    assert.are.equal("[]", value "return mt.json.encode(docker.volumes())")
  end)

  it("are not removed under a container: the message names it", function()
    local id = value [[
      docker.volume_create {name = "spec-vol"}
      return docker.create(web {name = "spec-user", volumes = {"spec-vol:/data"}})
    ]]
    local err = failure 'return docker.volume_remove("spec-vol", {force = true})'
    assert.are.equal("conflict", err.kind)
    engine.reads(err, ('docker.volume_remove: volume "spec-vol": the container %s has it; remove that one first'):format(
      id:sub(1, 12)))
    assert.is_true(value 'docker.remove "spec-user" return docker.volume_remove "spec-vol"')
  end)

  it("say what is wrong", function()
    local err = failure 'return docker.volume "spec-nosuch"'
    assert.are.equal("not_found", err.kind)
    engine.reads(err, 'docker.volume: volume "spec-nosuch": there is no such volume (any more); volumes() shows what there is')
    for code, message in pairs {
      ['volume_create {name = "a b"}'] = 'docker.volume_create: option "name" must be 2 to 255 letters',
      ["volume_create {options = {1}}"] = 'option "options" must be {name = "value", ...}',
      ['volumes {lable = {}}'] = 'docker.volumes: unknown option "lable" (did you mean "label"?)',
      ['volume_remove "../x"'] = 'docker.volume_remove: argument "name" must be a name or id',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
