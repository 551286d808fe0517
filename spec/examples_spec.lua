-- Each example runs, says what it shows, and leaves nothing behind.
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local served = require "spec.support.server"

-- What each prints: a pattern, or a function that knows it. A new example needs a line here.
local PRINTS = {
  hello = "^hello from Docker Engine %d+%.%d+",
  list = "^NAME +STATUS +IMAGE +CREATED\n",
  parallel = "mt%.map: 3 naps of 0%.6 s in all took 0%.%d s\nmt%.race: 0%.1\nmt%.timeout: timeout\nsibling: cleaned up\n",
  web = "3 replicas run after .*: 200 .*NAME .*was killed; its exit was noticed: code 137\n$",
  logs = function(text) -- between the two outputs there is no order
    local rest, errors = text:gsub("error: oh no\n", "")
    return errors == 1 and rest == "       line 1\n       line 2\n       line 3\n4 lines, exit code 0\n"
  end,
  events = "^moontide/web create\nmoontide/web start\n.*moontide/web die, exit code 137\n.*moontide/web destroy\n$",
  wait_ports = "^200: %d+ bytes\n$",
  exec = "^uid 0, exit code 0\nhello, moon\nmoon, tide\nexit code 3: ls: /nosuch: No such file or directory\n$",
  two_engines = "^HOST +STATE +CONTAINERS\nunix:///%S+ +answers +%d+\nunix:///nosuch.sock +transport +%-\n$",
}

-- Lines of a hook come as tasks of their own: what belongs to one call, in any order.
PRINTS.manager = "^reconcile to 3: ok, 3 containers %(create, create, create%)\nreconcile again: ok, 3 containers "
  .. "%(nothing to do%)\nscale to 5: ok, 5 containers %(create, create%)\nscale to 2: ok, 2 containers %(remove, "
  .. "remove, remove%)\ndiscovery heard:\nEVENT +NAME +WHERE\ncreate  web%-%x+  [%w.-]+:%d+\n.*stop    web%-%x+"
PRINTS.scale_hook = "^moontide/web: 2 to 2 replicas are wished\nadd    web%-%x+ on port %d+ %(0 run, at least 2 should%)\n"
  .. ".*remove web%-%x+ on port %d+ %(2 run, at most 1 may%)\n"
PRINTS.victim_hook = "^the busy one stays\n$"
PRINTS.compose = "^started shop%-db%-1\nstarted shop%-app%-%d\nstarted shop%-app%-%d\n3 containers of the shop run\n$"

-- These serve until they are ended; the first line is where. spec/api_spec.lua and what follows ask them.
local SERVES = {api = true, receiver = true}

local function containers()
  local _, list = engine.api("GET", "/containers/json?all=1")
  return #list
end

for path in io.popen("ls examples/*.lua"):lines() do
  local name = path:match("([%w_]+)%.lua$")
  describe("examples/" .. name .. ".lua", function()
    it("prints what it should and leaves nothing behind", function()
      if SERVES[name] then return end
      local before = containers()
      local known, result = assert(PRINTS[name], "no pattern for its output"), host.run {path}
      assert.are.same({0, ""}, {result.code, result.err})
      local is_it = type(known) == "function" and known(result.out) or type(known) == "string" and result.out:find(known)
      assert.is_truthy(is_it, result.out)
      assert.are.equal(before, containers())
    end)

    it("says in its first line what it shows, and is short", function()
      local lines = {}
      for line in io.lines(path) do lines[#lines + 1] = line end
      assert.matches("^%-%- " .. name .. ": .+", lines[1])
      assert.is_true(#lines <= 40)
    end)
  end)
end

describe("examples/receiver.lua", function()
  it("keeps what it hears and tells it", function()
    local server <close> = served.file("examples/receiver.lua", "127.0.0.1:0")
    local notice = '{"container_id":"c0ffee","event":"create","image":"web","name":"web-1","status":"running"}'
    assert.equal(204, (server:ask("POST", "/", "Content-Type: application/json\r\n", notice)))
    assert.equal(422, (server:ask("POST", "/", "Content-Type: application/json\r\n", "[]")))
    assert.equal(422, (server:ask("POST", "/", "Content-Type: application/json\r\n", "{}")))
    assert.equal(422, (server:ask("POST", "/", nil, "hello")))
    assert.same({200, "[" .. notice .. "]"}, {table.unpack({server:ask("GET", "/")}, 1, 2)})
    local code, _, err = server:stop()
    assert.equal(0, code)
    assert.matches("^%S+ INFO  create web: web%-1 is running\n$", err)
  end)

  it("hears what a manager announces", function()
    local server <close> = served.file("examples/receiver.lua", "127.0.0.1:0")
    local result = host.script(([[
      local m = mt.manager {}
      assert(m:register_desired_state("moontide/web", {env = {DISCOVERY_CALLBACK = "http://%s/"}}))
      local made = m:reconcile("moontide/web").actions[1].details
      assert(m:delete_container(made.name, {force = true}).deleted)
      m:forget "moontide/web"
      print(made.name)]]):format(server.addr))
    assert.same({0, ""}, {result.code, result.err})
    local name = result.out:match("%S+")
    local code, _, err = server:stop()
    assert.equal(0, code)
    assert.matches("INFO  create moontide/web: " .. name:gsub("%-", "%%-") .. " is running\n", err)
    assert.matches("INFO  %w+ moontide/web: " .. name:gsub("%-", "%%-") .. " is stopped\n$", err)
  end)
end)
