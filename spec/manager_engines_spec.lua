-- Managers of one script on two engines that both answer: what is wished is kept for each of them.
local cjson = require "cjson"
local host = require "spec.support.host"

local DIRECTORY = os.getenv "MOONTIDE_ENGINE_DIR" .. "-second"

describe("Two managers #slow", function()
  local second

  setup(function()
    local result = host.shell(("scripts/engine.sh start '%s'"):format(DIRECTORY), {timeout = 60})
    assert.are.equal(0, result.code, result.err)
    second = result.out:match("unix://%S+")
    result = host.shell("scripts/images.sh build web", {timeout = 60, env = {DOCKER_HOST = second}})
    assert.are.equal(0, result.code, result.err)
  end)

  teardown(function() host.shell(("scripts/engine.sh rm '%s'"):format(DIRECTORY), {timeout = 60}) end)

  it("on two engines keep their wishes, their containers and their turns apart", function()
    local result = host.script(([[
      local image = "moontide/web"
      local here = mt.manager {stop_timeout = 0}
      local there = mt.manager {stop_timeout = 0, engine_factory = function() return mt.docker.connect {host = %q} end}
      local both = mt.all {
        function() return here:scale(image, {min_replicas = 2, max_replicas = 2}) end,
        function() return there:scale(image, {min_replicas = 1, max_replicas = 1}) end,
      }
      local seen = {ok = both[1].ok and both[2].ok, here = #both[1].current, there = #both[2].current,
        wish_here = here:desired(image).min_replicas, wish_there = there:desired(image).min_replicas,
        strange = there:delete_container(both[1].current[1].name).error}
      there:scale(image, {min_replicas = 0, max_replicas = 0})
      seen.left_here, seen.left_there = #here:list_managed_containers(), #there:list_managed_containers()
      here:scale(image, {min_replicas = 0, max_replicas = 0})
      print(mt.json.encode(seen))
    ]]):format(second), {timeout = 60})
    assert.are.same({0, ""}, {result.code, result.err})
    assert.are.same({
      ok = true, here = 2, there = 1, wish_here = 2, wish_there = 1, strange = "not-found", left_here = 2, left_there = 0,
    }, cjson.decode(result.out))
  end)
end)
