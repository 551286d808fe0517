-- What mt.manager tells of a container, and how it starts and stops one, on a real engine.
local manager = require "spec.support.manager"

local value = manager.value

setup(manager.setup)
teardown(manager.teardown)

describe("container_stats #slow", function()
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

describe("set_container_status #slow", function()
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
      return {said = said, none = m:set_container_status(one.name, {}),
        missing = m:set_container_status("parity-none", {status = "paused"})}
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
