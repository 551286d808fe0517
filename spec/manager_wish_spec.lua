-- What is wished of an image: how it is read, completed and told from another. Pure.
local wishes = require "moontide.manager.wish"

local OP = "manager.register_desired_state"

local function message(...)
  local ok, err = pcall(wishes.read, OP, ...)
  assert.is_false(ok)
  return (err:gsub("^[^ ]+:%d+: ", ""))
end

describe("A wish", function()
  it("is complete", function()
    assert.are.same({image = "web", min_replicas = 1, max_replicas = 1, env = {}, ports = {}, resources = {}},
      wishes.read(OP, "web", nil))
  end)

  for _, case in ipairs {
    {{min_replicas = 3}, 3, 3}, {{max_replicas = 3}, 1, 3}, {{min_replicas = 0}, 0, 1}, {{max_replicas = 0}, 0, 0},
    {{min_replicas = 2, max_replicas = 5}, 2, 5}, {{min_replicas = 2.0}, 2, 2}, {{min_replicas = 1000}, 1000, 1000},
  } do
    it(("of %s to %s is %d to %d"):format(case[1].min_replicas, case[1].max_replicas, case[2], case[3]), function()
      local wish = wishes.read(OP, "web", case[1])
      assert.are.same({case[2], case[3]}, {wish.min_replicas, wish.max_replicas})
      assert.are.equal("integer", math.type(wish.min_replicas))
    end)
  end

  local NUMBER = 'must be a whole number from 0 to 1000, got number '
  for _, case in ipairs {
    {{min_replicas = 3, max_replicas = 2}, 'option "min_replicas" is 3, more than max_replicas, 2; exchange them'},
    {{min_replicas = -1}, 'option "min_replicas" ' .. NUMBER .. "-1"},
    {{max_replicas = 2.5}, 'option "max_replicas" ' .. NUMBER .. "2.5"},
    {{max_replicas = 1001}, 'option "max_replicas" ' .. NUMBER .. "1001"},
    {{max_replicas = 2 ^ 60}, 'option "max_replicas" ' .. NUMBER .. "1.1529215046068e+18"},
    {{max_replicas = 1 / 0}, 'option "max_replicas" ' .. NUMBER .. "inf"},
    {{min_replicas = "2"}, 'option "min_replicas" must be a number, got string "2"'},
    {{min_replica = 2}, 'unknown option "min_replica" (did you mean "min_replicas"?)'},
    {{env = {["A=B"] = "x"}}, 'option "env"'},
    {{ports = {["80"] = 1}}, 'port "80" has no protocol; write "80/tcp"'},
    {{resources = {cpu = "fast"}}, 'option "resources.cpu" must be CPUs above 0, as 0.5, "500m" or 2, got string "fast"'},
    {{resources = {memory = "1x"}}, 'option "resources.memory" must be memory above 0'},
    {{resources = {status = "up"}}, 'option "resources.status" must be "running" or "stopped", got string "up"'},
    {{resources = {cpus = 1}}, 'unknown option "resources.cpus" (did you mean "cpu"?)'},
  } do
    it("raises " .. case[2], function()
      local start = OP .. ": " .. case[2]
      assert.are.equal(start, message("web", case[1]):sub(1, #start))
    end)
  end

  it("of what is no image raises", function()
    assert.matches('^manager.register_desired_state: option "image" is a bad image reference: a repository is in lower '
      .. 'case; write "web", got string "Web"$', message("Web"))
    assert.matches('argument "image" must be a string, got nil', message(nil))
  end)

  it("shows no secret of its env", function()
    local text = message("web", {env = {DB_PASSWORD = {}}})
    assert.is_nil(text:find("hunter2", 1, true))
    assert.matches("DB_PASSWORD", text)
  end)
end)

describe("A scaled wish", function()
  local wish = wishes.read(OP, "web", {min_replicas = 2, max_replicas = 4, env = {A = "b"}, ports = {["80/tcp"] = 0}})
  for _, case in ipairs {
    {{}, 2, 4}, {{min_replicas = 3}, 3, 4}, {{max_replicas = 3}, 2, 3}, {{min_replicas = 7}, 7, 7}, {{max_replicas = 1}, 1, 1},
    {{max_replicas = 0}, 0, 0}, {{min_replicas = 0, max_replicas = 9}, 0, 9},
  } do
    it(("to %s and %s is %d to %d"):format(case[1].min_replicas, case[1].max_replicas, case[2], case[3]), function()
      local scaled = wishes.scaled("manager.scale", wish, case[1])
      assert.are.same({case[2], case[3], {A = "b"}, {["80/tcp"] = 0}},
        {scaled.min_replicas, scaled.max_replicas, scaled.env, scaled.ports})
    end)
  end
  it("knows its counts only", function()
    assert.has_error(function() wishes.scaled("manager.scale", wish, {env = {}}) end)
  end)
end)

describe("The hash of a wish", function()
  local function hash(options) return wishes.hash_of(wishes.read(OP, "web", options)) end
  local plain = hash {}

  it("is the same for what is the same, however it is written", function()
    assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$", plain)
    assert.are.equal(plain, hash {min_replicas = 2, max_replicas = 7, resources = {status = "stopped"}})
    assert.are.equal(hash {resources = {cpu = "500m", memory = "64m"}}, hash {resources = {cpu = 0.5, memory = 67108864}})
    assert.are.equal(hash {env = {A = 1, B = "2"}}, hash {env = {B = "2", A = "1"}})
    assert.are.equal(hash {ports = {["80/tcp"] = 0}}, hash {ports = {["80/tcp"] = "0"}})
  end)

  it("is another one for another env, port or limit", function()
    local seen, all = {}, {
      {}, {env = {A = "1"}}, {env = {A = "2"}}, {env = {B = "1"}}, {ports = {["80/tcp"] = 0}}, {ports = {["80/tcp"] = 8080}},
      {ports = {["80/udp"] = 0}}, {resources = {cpu = 1}}, {resources = {memory = "64m"}}, {resources = {pids = 5}},
    }
    for i, options in ipairs(all) do
      local text = hash(options)
      assert.is_nil(seen[text], ("case %d is as case %s"):format(i, seen[text]))
      seen[text] = i
    end
  end)
end)
