-- run and create, and an image that the engine does not have: when it is pulled, and when not.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_pull_missing"
local ID = ("a"):rep(64)

local CREATE, PULL, IMAGE = "^POST /v1.41/containers/create", "^POST /v1.41/images/create", "^GET /v1.41/images/"
local NOT_THERE = '{"message":"No such image: web:1"}'
local CREATED = {CREATE, status = 201, body = ('{"Id":"%s"}'):format(ID)}
local PULLED = {PULL, body = '{"status":"Pulling from web","id":"1"}\r\n{"status":"Status: Downloaded"}\r\n'}
local REFUSED = {PULL, status = 404, body = '{"message":"pull access denied for web, repository does not exist"}'}

local function ask(rules, pull)
  local it = fake.start(rules)
  local outcome = engine.ask(LABEL, ('return docker.create(web {image = "web:1", name = "spec-pull", pull = %s})'):format(
    pull and ("%q"):format(pull) or "nil"), {env = {DOCKER_HOST = it.host}})
  assert.is_nil(outcome.raised)
  return it, outcome
end

describe("an image that is not there", function()
  after_each(fake.stop_all)

  local MISSING = {CREATE, status = 404, body = NOT_THERE, times = 1}
  local ABSENT = {IMAGE, status = 404, body = NOT_THERE, times = 1}

  it("is pulled, and the container is created once more", function()
    for _, pull in ipairs {false, "missing"} do
      local it, outcome = ask({MISSING, CREATED, ABSENT, {IMAGE, body = '{"Id":"sha256:1"}'}, PULLED}, pull)
      assert.are.equal(ID, outcome.value)
      assert.are.same({2, 1}, {it:count(CREATE), it:count(PULL)})
      assert.are.equal(1, it:count("^POST /v1.41/images/create%?fromImage=web&tag=1$"))
    end
  end)

  it("and cannot be pulled: that is the error", function()
    local it, outcome = ask({MISSING, {IMAGE, status = 404, body = NOT_THERE}, REFUSED})
    engine.reads(outcome.err, 'docker.create: the image cannot be pulled: image "web:1": ')
    assert.are.same({1, 1}, {it:count(CREATE), it:count(PULL)})
  end)

  it("is not pulled when that is not wanted", function()
    local it, outcome = ask({MISSING, {IMAGE, status = 404, body = NOT_THERE}, PULLED}, "never")
    assert.are.same({"not_found", 0}, {outcome.err.kind, it:count(PULL)})
    engine.reads(outcome.err, 'docker.create: container "spec-pull": image "web:1" is not on the engine; pull it first')
  end)

  it("is not pulled for something else that is not there", function()
    local it, outcome = ask {
      {CREATE, status = 404, body = '{"message":"network spec-nosuch not found"}'}, {IMAGE, body = '{"Id":"sha256:1"}'}, PULLED,
    }
    assert.are.same({"not_found", 0}, {outcome.err.kind, it:count(PULL)})
    engine.reads(outcome.err, 'docker.create: container "spec-pull": its network spec-nosuch does not exist')
  end)
end)

describe("an image that is there", function()
  after_each(fake.stop_all)

  it("is pulled first when that is wanted; a failure is a warning", function()
    local it, outcome = ask({CREATED, {IMAGE, body = '{"Id":"sha256:1"}'}, REFUSED}, "always")
    assert.are.equal(ID, outcome.value)
    assert.matches("WARN.*docker.create: the image cannot be pulled: .*; the one that the engine has is used", outcome.stderr)
    assert.are.same({1, 1}, {it:count(CREATE), it:count(PULL)})
    it, outcome = ask({CREATED, {IMAGE, body = '{"Id":"sha256:1"}'}, PULLED}, "always")
    assert.are.same({ID, ""}, {outcome.value, outcome.stderr})
    assert.are.same({1, 1}, {it:count(CREATE), it:count(PULL)})
  end)

  it("is not pulled otherwise", function()
    local it, outcome = ask {CREATED, PULLED}
    assert.are.same({ID, 0}, {outcome.value, it:count(PULL)})
  end)
end)
