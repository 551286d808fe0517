-- moontide.record: wishes, names and the journal; working alone. Hooks: record_hooks_spec.
local host = require "spec.support.host"

local directory, path

before_each(function()
  directory = os.tmpname()
  os.remove(directory)
  path = directory .. "/state.db"
end)

after_each(function() host.shell("rm -rf '" .. directory .. "'") end)

local function script(code, options)
  options = options or {}
  options.env = options.env or {}
  if options.env.MOONTIDE_STATE == nil then options.env.MOONTIDE_STATE = path end
  options.before = {"--script-budget", "20s"} -- os.execute waits for other programs
  return host.script('local record = require "moontide.record"\nlocal function show(value, err)'
    .. ' print(err and err.kind .. " " .. tostring(err) or mt.json.encode(value)) end\n' .. code, options)
end

local function prints(lines, code, options)
  local result = script(code, options)
  assert.are.same({0, table.concat(lines, "\n") .. "\n", ""}, {result.code, result.out, result.err})
end

local function exists(name) return host.shell("test -e " .. name).code == 0 end

describe("reading", function()
  it("without a state file finds nothing, and makes none", function()
    prints({"[]", "nil", "{}", "[]", "nil"}, [[
      show(record.history {})
      print(record.wish("e", "nginx"))
      show(record.wishes "e")
      show(record.slots "e")
      print((record.owner {make = false}))]])
    assert.is_false(exists(directory))
  end)

  it("sees what another process writes meanwhile", function()
    prints({"nil", "1"}, ([[
      print(record.wish("e", "nginx"))
      os.execute("%s eval 'return require([=[moontide.record]=]).put_wish([=[e]=], [=[nginx]=], {n = 1})' >/dev/null")
      print(record.wish("e", "nginx").n)]]):format(host.binary))
  end)

  it("and writing see another file that is put in its place, after a second", function()
    local result = script([[
      local state, other = os.getenv "MOONTIDE_STATE", [=[
        return require("moontide.record").put_wish("e", "nginx", {n = %d})]=]
      local function replace(n)
        os.execute(("rm -f %s*; %s eval '%s' >/dev/null"):format(state, arg[1], other:format(n)))
      end
      local function wished() return record.wish("e", "nginx") end
      replace(1)
      print(wished().n)
      os.execute(("rm %s*"):format(state))
      mt.sleep(1)
      print(wished())
      replace(2)
      print(wished().n)
      local before = record.owner()
      replace(3)
      mt.sleep(1)
      print(record.owner {make = false} ~= before, wished().n)]], {arguments = {host.binary}})
    assert.are.same({0, "1\nnil\n2\ntrue\t3\n"}, {result.code, result.out}, result.err)
    local warning = "[^\n]* WARN  the state file " .. path:gsub("%p", "%%%0") .. " is another one now: [^\n]*\n"
    assert.matches("^" .. warning:rep(2) .. "$", result.err)
  end)
end)

describe("wishes and names", function()
  it("are kept as they are, numbers, lists and all", function()
    prints({'{"env":{},"list":[],"max_replicas":2,"port":8080,"share":0.5}', "nil", '{"nginx":{"env":{},"list":[],'
      .. '"max_replicas":2,"port":8080,"share":0.5}}', "nil"}, [[
      local wish = {max_replicas = 2, env = {}, list = mt.json.array {}, port = 8080, share = 0.5}
      assert(record.put_wish("e", "nginx", wish))
      show(record.wish("e", "nginx"))
      print(record.wish("other", "nginx"))
      show(record.wishes "e")
      assert(record.put_wish("e", "nginx", nil))
      print(record.wish("e", "nginx"))]])
  end)

  it("keep secrets, which containers need, and give the journal none", function()
    prints({"hunter2-secret", "wished with (redacted)", "(redacted)"}, [[
      local wish = {env = {DB_PASSWORD = "hunter2-secret"}}
      assert(record.put_wish("e", "nginx", wish, {event = "scale", image = "nginx", reason = "wished with hunter2-secret",
        data = wish}))
      print(record.wish("e", "nginx").env.DB_PASSWORD)
      local entry = record.history {}[1]
      print(entry.reason) print(entry.data.env.DB_PASSWORD)]])
    assert.are.equal(1, host.shell("grep -c 'wished with hunter2' " .. path .. "*").code)
  end)

  it("hide a secret that an older process was told of", function()
    script [[assert(record.put_wish("e", "nginx", {env = {API_KEY = "s3cr3t-value"}}))]]
    prints({"refused (redacted)"}, [[
      record.wish("e", "nginx")
      assert(record.fact {event = "error", image = "nginx", reason = "refused s3cr3t-value"})
      print(record.history {}[1].reason)]])
  end)

  it("of containers are written down before they are made, and given up", function()
    prints({'[["n-1","intended",""]]', '[["n-1","made","abc"]]', "[]", "[]"}, [[
      local function names(engine, image)
        local list = mt.json.array {}
        for i, slot in ipairs(assert(record.slots(engine, image))) do list[i] = {slot.name, slot.state, slot.container_id} end
        show(list)
      end
      local slot = {engine = "e", image = "nginx", name = "n-1", container_id = "", state = "intended", time = 1.5}
      assert(record.put_slot(slot, {event = "create", image = "nginx", name = "n-1", intent = true}))
      names("e", "nginx")
      assert(record.slots("e")[1].time == 1.5)
      slot.container_id, slot.state = "abc", "made"
      assert(record.put_slot(slot))
      names "e"
      names("e", "redis")
      slot.container_id = nil
      assert(record.put_slot(slot))
      names "e"]])
  end)
end)

describe("the journal", function()
  local FACTS = [[
    local T, A, B = %d, ("ab"):rep(32), ("cd"):rep(32)
    for i, ev in ipairs {
      {event = "create", engine = "e", image = "shop/web", name = "web-1", container_id = A, status = "running",
        ports = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "1"}}}, reason = "too few", data = {n = 1}},
      {event = "create", engine = "e", image = "db", name = "db-1", container_id = B},
      {event = "scale", engine = "e", image = "shop/web"},
      {event = "stop", engine = "e", image = "shop/web", name = "web-1", container_id = A},
    } do
      ev.time = T + i
      assert(record.fact(ev))
    end
    local function kinds(query)
      local list = {}
      for _, entry in ipairs(assert(record.history(query))) do list[#list + 1] = entry.kind .. " " .. entry.target end
      print(table.concat(list, ", "))
    end
  ]]
  local now = os.time() - 1000 -- what is too old is not kept
  FACTS = FACTS:format(now)

  it("tells what happened, oldest first, to what, and when", function()
    prints({"create web-1, create db-1, scale shop/web, stop web-1",
      '{"container_id":"' .. ("ab"):rep(32) .. '","data":{"n":1},"engine":"e","image":"shop/web","kind":"create",'
      .. '"name":"web-1","ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"}]},"reason":"too few","seq":1,'
      .. '"status":"running","target":"web-1","time":' .. now + 1 .. '.0}'}, FACTS .. "kinds {} show(record.history {}[1])")
  end)

  it("is asked for a target, a time, a number of entries", function()
    prints({"create web-1, scale shop/web, stop web-1", "create web-1, stop web-1", "create db-1", "create db-1",
      "scale shop/web, stop web-1", "stop web-1", "create db-1", "", "scale shop/web, stop web-1"}, FACTS .. [[
      kinds {target = "shop/web"}
      kinds {target = "web-1"}
      kinds {target = "cdcd"}
      kinds {target = "db"} -- not in the middle of an id, nor a part of "web"
      kinds {since = T + 3}
      kinds {limit = 1}
      kinds {target = "db", limit = 1} -- also when newer ones look like it
      kinds {target = "x%"}
      kinds {target = "web", limit = 2}]])
  end)

  it("has the target's entries although ids look like it", function()
    prints({"2\t1"}, [[
      assert(record.fact {event = "create", image = "ab"})
      assert(record.fact {event = "create", image = "ab"})
      for i = 1, 20 do record.fact {event = "stop", image = "x", container_id = ("0ab%03d"):format(i)} end
      print(#record.history {target = "ab", limit = 3}, #record.history {target = "ab", limit = 1})]])
  end)

  it("takes an entry whose data is no JSON", function()
    prints({"scale", "what was here cannot be written as JSON"}, [[
      assert(record.fact {event = "scale", image = "x", data = {f = print, bytes = "\xff"}})
      local entry = record.history {}[1]
      print(entry.kind) print(entry.data.note)]])
  end)
end)

describe("who works alone", function()
  local ALONE = [[
    local said = {}
    local function say(word) said[#said + 1] = word end
    local function turn(name, key)
      return record.exclusive("spec", key or "k", 10, function() say(name) mt.sleep(0.02) say(name) end)
    end
    local function done() print(table.concat(said, " ")) end
  ]]

  it("gets the results of the function, nil and false among them", function()
    prints({"3\tnil\tfalse\t3"}, [[
      print(select("#", record.exclusive("spec", "k", 1, function(...) return ... end, nil, false, 3)),
        record.exclusive("spec", "k", 1, function(...) return ... end, nil, false, 3))]])
  end)

  it("has the turn in the order in which they came, for each key", function()
    prints({"a a b b c c", "a b a b"}, ALONE .. [[
      mt.all {function() turn "a" end, function() turn "b" end, function() turn "c" end}
      done()
      said = {}
      local inside = 0
      local function beside(name, key)
        record.exclusive("spec", key, 10, function()
          say(name)
          inside = inside + 1
          repeat mt.sleep(0) until inside == 2
          say(name)
        end)
      end
      mt.all {function() beside("a", "1") end, function() beside("b", "2") end}
      done()]])
  end)

  it("gives the turn back when it raises, is cancelled, or is cancelled while it waits", function()
    prints({"false\tno", "in", "b b", "d d"}, ALONE .. [[
      print(pcall(record.exclusive, "spec", "k", 1, error, "no", 0))
      local inside
      local function hold() inside = true mt.sleep "1h" end
      local first = mt.spawn(record.exclusive, "spec", "k", 1, function() print "in" hold() end)
      local second = mt.spawn(turn, "a")
      local third = mt.spawn(turn, "b")
      repeat mt.sleep(0) until inside
      second:cancel()
      first:cancel()
      third:join()
      done()
      said = {}
      -- It has the turn, and does not know yet.
      inside = false
      local holder = mt.spawn(record.exclusive, "spec", "k", 1, hold)
      local heir = mt.spawn(turn, "y")
      local last = mt.spawn(turn, "d")
      repeat mt.sleep(0) until inside
      holder:cancel()
      heir:cancel()
      last:join()
      done()]])
  end)

  it("and is asked to wait for itself raises, also in a coroutine, and works on", function()
    local code = [[
      local function again() return record.exclusive("spec", "image x", 1, print) end
      print(record.exclusive("spec", "image x", 1, function()
        local ok, why = pcall(again)
        local co = coroutine.wrap(function() return pcall(again) end)
        return ok, why:match "spec: .*", (co()), (record.exclusive("spec", "another", 1, function() return "nested" end))
      end))
      print(again() == nil)]]
    prints({"false\tspec: image x: this task works on it already, and would wait for itself; do it before or after, or in"
      .. " a task beside that is not waited for\tfalse\tnested", "", "true"}, code)
  end)

  it("too long lets the others know", function()
    prints({"conflict spec: image x: another operation of this program has been busy with it for 50ms; try again when that"
      .. " is done", "in time"}, [[
      local done = false
      local long = mt.spawn(record.exclusive, "spec", "image x", 1, function() while not done do mt.sleep(0.01) end end)
      mt.sleep(0.01)
      show(record.exclusive("spec", "image x", 0.05, print))
      done = true
      long:join()
      print(record.exclusive("spec", "image x", 0, function() return "in time" end))]])
  end)

  it("waits no longer than that for its own children", function()
    prints({"conflict"}, [[
      record.exclusive("spec", "k", 1, function()
        local inner = mt.spawn(record.exclusive, "spec", "k", 0.05, print)
        local _, _, err = inner:join()
        print(err.kind)
      end)]])
  end)
end)
