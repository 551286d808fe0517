-- The default planner and victim: pure functions of what is desired and what is observed.
local replicas = require "moontide.plan.replicas"

-- "web-1 running 10": a summary with its name, status and time of creation.
local function summary(text)
  local name, status, created = text:match("^(%S+) (%S+) (%d+)$")
  return {container_id = "id-" .. name, name = name, status = status, created = tonumber(created)}
end

local function observed(list)
  local all = {}
  for i, text in ipairs(list) do all[i] = summary(text) end
  return all
end

local function desired(min, max, status)
  return {image = "web", min_replicas = min, max_replicas = max, env = {}, ports = {}, resources = {status = status}}
end

-- Steps as "create", "remove web-1".
local function texts(steps)
  local list = {}
  for i, step in ipairs(steps) do list[i] = step.action .. (step.name and " " .. step.name or "") end
  return list
end

describe("The planner", function()
  local CASES = {
    {"makes what is missing", desired(2, 3), {}, {"create", "create"}},
    {"leaves what fits", desired(1, 3), {"a running 1", "b running 2"}, {}},
    {"does not count what has ended", desired(2, 2), {"a exited 1", "b running 2", "c created 3", "d dead 4"}, {"create"}},
    {"leaves the place to what the engine restarts", desired(1, 1), {"a restarting 1"}, {}},
    {"leaves the place to what is paused", desired(1, 1), {"a paused 1"}, {}},
    {"removes the oldest", desired(1, 2), {"c running 30", "b running 20", "a running 10"}, {"remove a"}},
    {"removes ties in the order of the list", desired(0, 1), {"c running 5", "a running 5", "b running 5"},
      {"remove c", "remove a"}},
    {"removes all for 0", desired(0, 0), {"b running 2", "a running 1", "x exited 0"}, {"remove a", "remove b"}},
    {"counts any state when stopped ones are wished", desired(2, 2, "stopped"), {"a created 1", "b exited 2"}, {}},
    {"makes stopped ones", desired(2, 2, "stopped"), {"a exited 1"}, {"create"}},
    {"stops what runs when stopped ones are wished", desired(1, 2, "stopped"), {"a running 1", "b exited 2"}, {"stop a"}},
    {"does not stop what it removes", desired(1, 1, "stopped"), {"b running 2", "a running 1"}, {"remove a", "stop b"}},
  }
  for _, case in ipairs(CASES) do
    it(case[1], function()
      assert.are.same(case[4], texts(replicas.planner(case[2], observed(case[3]), 100)))
    end)
  end

  it("gives every step its reason, and those of a container its id", function()
    local steps = replicas.planner(desired(0, 1), observed {"b running 2", "a running 1"}, 100)
    assert.are.same({{action = "remove", container_id = "id-a", name = "a", reason = "2 run, at most 1 may"}}, steps)
    assert.are.equal("1 run, at least 3 should", replicas.planner(desired(3, 3), observed {"a running 1"}, 100)[2].reason)
  end)

  it("asks the victim that it is given, for the number that is too many", function()
    local asked
    local steps = replicas.planner(desired(1, 1), observed {"c running 3", "b running 2", "a running 1"}, 100,
      function(running, count)
        asked = {#running, count}
        return {running[1], running[2]}
      end)
    assert.are.same({3, 2}, asked)
    assert.are.same({"remove c", "remove b"}, texts(steps))
  end)

  local STRANGER = "victim returned as number %d what it was not given, or twice"
  for what, case in pairs {
    ["no list"] = {function() return "all" end, "victim returned string, not a list"},
    ["nothing"] = {function() end, "victim returned nil, not a list"},
    ["more than go"] = {function(running) return running end, "victim returned 2 containers, and at most 1 may go"},
    ["one twice"] = {function(running) return {running[1], running[1]} end, STRANGER:format(2)},
    ["a stranger"] = {function() return {{container_id = "x"}} end, STRANGER:format(1)},
    ["names"] = {function(running) return {running[1].name} end, STRANGER:format(1)},
  } do
    it("plans nothing for a victim that returns " .. what .. ", and says so", function()
      for _, status in ipairs {"running", "stopped"} do
        local wish = desired(1, 1)
        wish.resources = {status = status}
        local steps, why = replicas.planner(wish, observed {"b running 2", "a running 1"}, 100, case[1])
        assert.are.same({nil, case[2]}, {steps, why})
      end
    end)
  end

  it("lets a victim keep them, and take copies", function()
    local list = observed {"b running 2", "a running 1"}
    assert.are.same({}, replicas.planner(desired(1, 1), list, 100, function() return {} end))
    local steps = replicas.planner(desired(1, 1), list, 100, function(running, count)
      running[1] = nil
      return {{container_id = "id-b"}, count = count}
    end)
    assert.are.same({"remove b"}, texts(steps))
    assert.are.equal(2, #list)
  end)

  it("changes nothing of what it is given", function()
    local list = observed {"c running 3", "a running 1"}
    replicas.planner(desired(0, 0), list, 100)
    assert.are.same({"c", "a"}, {list[1].name, list[2].name})
  end)
end)

describe("What fits", function()
  local CASES = {
    {true, desired(1, 2), {"a running 1"}}, {true, desired(0, 0), {}}, {true, desired(0, 1), {"a exited 1"}},
    {false, desired(1, 1), {"a restarting 1"}}, {false, desired(0, 1), {"a running 1", "b running 2"}},
    {false, desired(1, 1), {}}, {true, desired(2, 2, "stopped"), {"a created 1", "b exited 2"}},
    {false, desired(1, 1, "stopped"), {"a running 1"}},
    {false, desired(2, 2, "stopped"), {"a exited 1"}},
  }
  for i, case in ipairs(CASES) do
    it(("is told, case %d"):format(i), function()
      assert.are.equal(case[1], replicas.fits(case[2], observed(case[3])))
    end)
  end
end)
