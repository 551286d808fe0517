-- The pure parts of moontide.record: where the state file is, what is secret, why a container died.
local death = require "moontide.record.death"
local place = require "moontide.record.place"
local redact = require "moontide.record.redact"

describe("the state file's place", function()
  local cases = {
    {"/s/x.db", {MOONTIDE_STATE = "/e.db"}, "/s/x.db"},
    {"", {MOONTIDE_STATE = "/e.db"}, "/e.db"},
    {nil, {MOONTIDE_STATE = "e.db", XDG_STATE_HOME = "/x", HOME = "/h"}, "e.db"},
    {nil, {MOONTIDE_STATE = "", XDG_STATE_HOME = "/x", HOME = "/h"}, "/x/moontide/state.db"},
    {nil, {XDG_STATE_HOME = "relative", HOME = "/h"}, "/h/.local/state/moontide/state.db"},
    {nil, {XDG_STATE_HOME = "", HOME = "/h"}, "/h/.local/state/moontide/state.db"},
  }
  for i, case in ipairs(cases) do
    it("is " .. case[3] .. " in case " .. i, function()
      assert.are.equal(case[3], place.find(case[1], function(name) return case[2][name] end))
    end)
  end

  it("is nowhere without a home, and the error says what to set", function()
    for _, home in ipairs {{}, {HOME = ""}} do
      local path, err = place.find(nil, function(name) return home[name] end)
      assert.is_nil(path)
      assert.are.equal("invalid", err.kind)
      assert.matches("neither %-%-state, $MOONTIDE_STATE, $XDG_STATE_HOME nor $HOME", err.message)
    end
  end)
end)

describe("what is secret", function()
  local cases = {
    {{env = {DB_PASSWORD = "x", PORT = "80"}}, {env = {DB_PASSWORD = "(redacted)", PORT = "80"}}},
    {{env = {API_TOKEN = 123456, ready = true}}, {env = {API_TOKEN = "(redacted)", ready = true}}},
    {{env = {"SECRET=abc", "PLAIN=abc", "KEY="}}, {env = {"SECRET=(redacted)", "PLAIN=abc", "KEY="}}},
    {{env = "PASS=1"}, {env = "(redacted)"}},
    {{wish = {env = {authToken = "x"}, image = "nginx"}}, {wish = {env = {authToken = "(redacted)"}, image = "nginx"}}},
    {{auth = {user = "me", nested = {1, "x"}}}, {auth = {user = "(redacted)", nested = {"(redacted)", "(redacted)"}}}},
    {{ports = {["80/tcp"] = {{HostPort = "8080"}}}}, {ports = {["80/tcp"] = {{HostPort = "8080"}}}}},
    {"nothing", "nothing"}, {7, 7}, {nil, nil},
  }
  for i, case in ipairs(cases) do
    it("is left out in case " .. i, function() assert.are.same(case[2], redact.harmless(case[1])) end)
  end

  it("leaves the original as it is, and keeps metatables", function()
    local list = setmetatable({}, {})
    local original = {env = {PASSWORD = "x"}, list = list}
    assert.are.equal(getmetatable(list), getmetatable(redact.harmless(original).list))
    assert.are.equal("x", original.env.PASSWORD)
  end)

  it("is left out of texts once its env was seen, when it is 6 bytes long", function()
    redact.learn {list = {{env = {MY_SECRET = "a.b*c%d", SHORT_KEY = "five5", PLAIN = "everyday"}}}}
    redact.learn {env = {"OTHER_TOKEN=a.b*c%d-and-more", "NOTHING"}}
    local cases_of_text = {
      {"said a.b*c%d, twice: a.b*c%d", "said (redacted), twice: (redacted)"},
      {"a.b*c%d-and-more", "(redacted)"},
      {"aXb*c%d", "aXb*c%d"}, {"five5 everyday", "five5 everyday"}, {"", ""},
    }
    for _, case in ipairs(cases_of_text) do assert.are.equal(case[2], redact.text(case[1])) end
    assert.are.same({log = {"x (redacted)"}}, redact.harmless {log = {"x a.b*c%d"}})
  end)

  it("ends, also where a table has itself", function()
    local endless = {}
    endless.endless = endless
    redact.learn(endless)
    assert.is_table(redact.harmless(endless))
  end)
end)

describe("why a container died", function()
  local function at(time, action, more)
    local event = {id = "1", time = time, action = action}
    for key, value in pairs(more or {}) do event[key] = value end
    return event
  end
  local function die(time, code) return at(time, "die", {exit_code = code}) end
  local function kill(time, signal) return at(time, "kill", {signal = signal}) end
  local cases = {
    {"exit code 0", false, die(1, 0)},
    {"exit code 3", false, die(1, 3)},
    {"exit code 137: killed", false, die(1, 137)},
    {"exit code 143: terminated", false, die(1, 143)},
    {"exit code 139: segmentation fault", false, die(1, 139)},
    {"exit code 127: its command was not found", false, die(1, 127)},
    {"ended", false, die(1)},
    {"out of memory", false, at(1, "oom"), die(2, 137)},
    {"exit code 1", false, at(1, "oom"), die(20, 1)},
    {"exit code 137: killed, on request", true, kill(1, 9), die(1, 137)},
    {"exit code 0, on request", true, kill(1, 15), die(200, 0)},
    {"exit code 137: killed, on request", true, kill(1, 15), kill(11, 9), die(11, 137)},
    {"exit code 0, on request", true, kill(1, 28), die(2, 0)},
    {"exit code 1", false, kill(1, 1), die(60, 1)},
    {"ended on request", true, kill(1), die(2)},
    {"exit code 1", false, kill(1, 15), die(2, 143), die(3, 1)},
    {"exit code 1", false, kill(1, 9), at(2, "destroy"), die(3, 1)},
  }
  for i, case in ipairs(cases) do
    it(("is %q in case %d"):format(case[1], i), function()
      local hear = death.follower()
      local reason, data
      for step = 3, #case do reason, data = hear(case[step]) end
      assert.are.equal(case[1], reason)
      assert.are.equal(case[2], data.requested)
      assert.are.equal(case[1] == "out of memory", data.oom)
    end)
  end

  it("is told of nothing but deaths, and each container's own", function()
    local hear = death.follower()
    assert.is_nil(hear(kill(1, 9)))
    assert.is_nil(hear(at(1, "oom")))
    assert.are.equal("exit code 1", (hear {id = "2", time = 1, action = "die", exit_code = 1}))
  end)
end)
