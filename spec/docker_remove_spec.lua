-- Removals that somebody else has begun, on a scripted engine.
local engine = require "spec.support.engine"
local fake_engine = require "spec.support.fake_engine"

local PROGRESS = '{"message":"removal of container w is already in progress"}'

-- What remove says when the wait for the other one's removal is answered so.
local function remove(answer)
  local fake = fake_engine.start {
    {"^DELETE /v1.41/containers/w%?", status = 409, body = PROGRESS},
    answer,
  }
  local outcome = engine.ask("docker_remove", [[return docker.remove "w"]], {env = {DOCKER_HOST = fake.host}})
  return outcome, fake
end

describe("a removal that is in progress already", function()
  after_each(fake_engine.stop_all)

  it("is waited for", function()
    local outcome, fake = remove {"^POST /v1.41/containers/w/wait%?condition=removed$", body = '{"StatusCode":137}'}
    assert.is_true(outcome.value)
    assert.are.equal(1, fake:count("/wait%?condition=removed$"))
  end)

  it("may have ended before the wait", function()
    local outcome = remove {"/wait%?", status = 404, body = '{"message":"No such container: w"}'}
    assert.is_true(outcome.value)
  end)

  it("may fail: then it is told, with what to do", function()
    local outcome = remove {"/wait%?", body = '{"StatusCode":0,"Error":{"Message":"device busy"}}'}
    assert.are.same({"conflict", 409, "wait"}, {outcome.err.kind, outcome.err.status, outcome.err.next})
    engine.reads(outcome.err, 'docker.remove: container "w": its removal is already in progress')
  end)

  it("is no other conflict", function()
    local fake = fake_engine.start {
      {"^DELETE ", status = 409, body = '{"message":"You cannot remove a running container w. Stop it"}'},
    }
    local outcome = engine.ask("docker_remove", [[return docker.remove "w"]], {env = {DOCKER_HOST = fake.host}})
    assert.are.equal("conflict", outcome.err.kind)
    assert.are.equal(0, fake:count("/wait"))
  end)
end)
