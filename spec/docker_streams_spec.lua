-- Replies that are read as they come, from a scripted engine: cut anywhere, broken off, garbled, without end.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local function value(code, options) return engine.value("streams", code, options) end

local function failure(code, options) return engine.failure("streams", code, options) end

local function scripted(rules)
  local it = fake.start(rules)
  return it, {env = {DOCKER_HOST = it.host}}
end

after_each(fake.stop_all)

local function frame(source, text) return ("%s\0\0\0%s%s"):format(string.char(source), (">I4"):pack(#text), text) end

local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

-- A reply that goes on after this, or breaks off.
local function part(text) return CHUNKED .. ("%x\r\n%s\r\n"):format(#text, text) end

local function inspected(name, state, tty)
  return {("/%s/json$"):format(name), body = ('{"Id":"%s","Config":{"Tty":%s},"State":%s}'):format(name, tostring(tty or false),
    state or '{"Running":false}')}
end

local LINES = "local list = {} for a, b, c in assert(docker.logs%s) do list[#list + 1] = {a, b, c} end return list"

describe("a log", function()
  local log = frame(1, "one\n") .. frame(2, "bad") .. frame(1, "two\n") .. frame(2, " thing\n\n") .. frame(1, "last")

  it("is the same wherever its bytes are cut", function()
    local rules, names = {}, {}
    for n = 1, 40 do
      rules[#rules + 1], rules[#rules + 2] = inspected("c" .. n), {("/c%d/logs"):format(n), body = log, pieces = n}
      names[n] = "c" .. n
    end
    local _, where = scripted(rules)
    local got = value(([[
      return (mt.map(%s, function(name)
        local list = {}
        for line, source in assert(docker.logs(name)) do list[#list + 1] = source .. " " .. line end
        return table.concat(list, "|")
      end))
    ]]):format('{"' .. table.concat(names, '","') .. '"}'), where)
    assert.are.equal(40, #got)
    for n = 1, 40 do
      local parts = {}
      for part_of in (got[n] .. "|"):gmatch("(.-)|") do parts[#parts + 1] = part_of end
      table.sort(parts)
      assert.are.same({"stderr ", "stderr bad thing", "stdout last", "stdout one", "stdout two"}, parts)
    end
  end)

  it("of a terminal has no frames", function()
    local _, where = scripted {inspected("c", nil, true), {"/c/logs", body = "one\r\n\1\0\0\0\0\0\0\3two\n"}}
    assert.are.same({{"one", "stdout"}, {"\1\0\0\0\0\0\0\3two", "stdout"}}, value(LINES:format '("c")', where))
  end)

  it("is asked for as the caller wants it", function()
    local it, where = scripted {inspected "c", {"/c/logs", body = ""}}
    value(LINES:format '("c", {since = 1700000000.5, tail = 3, timestamps = true, stdout = false})', where)
    assert.are.equal("/v1.41/containers/c/logs?stdout=false&stderr=true&follow=false&timestamps=true&tail=3"
      .. "&since=1700000000.500000000", it:stop()[3].target)
  end)

  it("that breaks off gives what came, and raises", function()
    local _, where = scripted {inspected "c", {"/c/logs", raw = part(frame(1, "one\n")), close = true}}
    local got = value([[
      local list = {}
      local ok, err = pcall(function() for line in assert(docker.logs "c") do list[#list + 1] = line end end)
      return {list = list, ok = ok, kind = err.kind, text = tostring(err)}
    ]], where)
    assert.are.same({{"one"}, false, "transport"}, {got.list, got.ok, got.kind})
    assert.is_truthy(got.text:find('docker.logs: container "c": lost the reply of ', 1, true), got.text)
  end)

  it("whose bytes are no frames is told of", function()
    local _, where = scripted {inspected "c", {"/c/logs", body = "hello, no frames here\n"}}
    local err = failure("local ok, err = pcall(function() for _ in assert(docker.logs 'c') do end end) return nil, err", where)
    assert.are.equal("engine", err.kind)
    engine.reads(err, 'docker.logs: container "c": unexpected reply from the engine at ', "It begins: hello, no frames")
  end)

  it("that cannot be read says what to do", function()
    local _, where = scripted {inspected "c", {"/c/logs", status = 501,
      body = '{"message":"configured logging driver does not support reading"}'}}
    engine.reads(failure("return docker.logs 'c'", where), 'docker.logs: container "c": ', "json-file")
  end)

  it("of 10 million lines neither fills the memory nor starves the others #slow", function()
    local block = ("x\n"):rep(1 << 16)
    local _, where = scripted {inspected("c", nil, true), {"/c/logs", raw = "HTTP/1.1 200 OK\r\n\r\n", loop = {block, 153},
      close = true}}
    where.before = {"--memory-limit", "32m"}
    local got = value([[
      local turns = 0
      local ticker = mt.every(0.005, function() turns = turns + 1 end)
      local count, begin = 0, mt.monotonic()
      for _ in assert(docker.logs "c") do count = count + 1 end
      ticker:stop()
      local peak
      for line in io.lines "/proc/self/status" do peak = peak or tonumber(line:match "^VmHWM:%s*(%d+)") end
      return {count = count, turns = turns / ((mt.monotonic() - begin) / 0.005), peak = peak}
    ]], where)
    assert.are.equal(153 << 16, got.count)
    assert.is_true(got.turns > 0.1, "other tasks ran " .. got.turns)
    assert.is_true(got.peak < 24 * 1024, "peak " .. got.peak .. " KiB")
  end)
end)

describe("following a log", function()
  local RUNNING, STOPPED = '{"Running":true}', '{"Running":false}'
  local function at(second, text) return frame(1, ("2026-01-01T00:00:%02d.000000001Z %s\n"):format(second, text)) end
  local FOLLOW = LINES:format '("c", {follow = true})'

  it("goes on after the last line when the container was started again, and ends when it has stopped", function()
    local it, where = scripted {
      {"/c/json$", times = 2, body = inspected("c", RUNNING).body}, inspected("c", STOPPED),
      {"/c/logs", times = 1, body = at(1, "a") .. at(2, "b") .. at(2, "b2")},
      {"/c/logs", body = at(1, "a") .. at(2, "b") .. at(2, "b2") .. at(2, "b3") .. at(3, "c")},
    }
    local got = value(FOLLOW, where)
    local lines = {}
    for i, line in ipairs(got) do lines[i] = line[1] end
    assert.are.same({"a", "b", "b2", "b3", "c"}, lines)
    local follow, since = {}, {}
    for _, request in ipairs(it:stop()) do
      follow[#follow + 1], since[#since + 1] = request.target:match "follow=(%a+).*since=(.*)$"
    end
    assert.are.same({"true", "true", "false"}, {follow[1], follow[2], follow[#follow]})
    assert.are.same({"0", "17672256"}, {since[1], since[2]:sub(1, 8)})
  end)

  it("ends when the container is removed", function()
    local _, where = scripted {
      {"/c/json$", times = 1, body = inspected("c", RUNNING).body}, {"/c/logs", body = at(1, "a")},
      {"/c/json$", status = 404, body = '{"message":"No such container: c"}'},
    }
    assert.are.same({{"a", "stdout"}}, value(FOLLOW, where))
  end)

  it("outlasts an engine that goes away", function()
    local it, where = scripted {
      {"/c/json$", times = 1, body = inspected("c", RUNNING).body},
      {"/c/logs", times = 1, raw = part(at(1, "a") .. at(2, "half"):sub(1, -3)), close = true},
      {"/c/json$", times = 2, drop = true},
      {"/c/json$", times = 1, body = inspected("c", RUNNING).body}, inspected("c", STOPPED),
      {"/c/logs", body = at(1, "a") .. at(2, "half")},
    }
    assert.are.same({{"a", "stdout"}, {"half", "stdout"}}, value(FOLLOW, where))
    assert.is_true(it:count "/c/json$" >= 4)
  end)

  it("with tail = 0 has nothing of before, also after a restart", function()
    local it, where = scripted {
      {"/c/json$", times = 2, body = inspected("c", RUNNING).body}, inspected("c", STOPPED),
      {"/c/logs", times = 1, headers = {Date = "Thu, 01 Jan 2026 00:00:05 GMT"}, body = ""}, {"/c/logs", body = at(6, "new")},
    }
    assert.are.same({{"new", "stdout"}}, value(LINES:format '("c", {follow = true, tail = 0})', where))
    assert.is_true(it:count "tail=all&since=1767225605.000000000" >= 1)
  end)
end)

local function event(nano, action, id, rest)
  return ('{"Type":"container","Action":"%s","Actor":{"ID":"%s","Attributes":{"name":"n%s","image":"i:1","k":"v"%s}},"time":%d,'
    .. '"timeNano":%d}\n'):format(action, id, id, rest or "", nano // 1000000000, nano)
end

local T = 1767225600000000000 -- 2026-01-01
local PING = {"/_ping", headers = {Date = "Thu, 01 Jan 2026 00:00:00 GMT", ["Api-Version"] = "1.41"}, body = "OK"}
local TAKE = [[
  local list = {}
  for e in assert(docker.events(%s)) do
    list[#list + 1] = e.type == "moontide" and e.action or e.action .. (e.detail and ":" .. e.detail or "") .. " " .. e.id
    if #list == %d then break end
  end
  return list
]]

describe("events", function()
  it("are the same wherever their bytes are cut", function()
    local text = event(T, "create", "a", ',"é":"\\"}{["') .. event(T + 1, "exec_create: sh -c x", "b") .. "\r\n"
      .. event(T + 2, "die", "c", ',"exitCode":"137","signal":"9"')
    for n = 1, 60, 7 do
      local _, where = scripted {PING, {"/events", body = text, pieces = n}}
      local got = value([[
        local list = {}
        for e in assert(docker.events()) do
          list[#list + 1] = e
          if #list == 3 then break end
        end
        return list
      ]], where)
      fake.stop_all()
      assert.are.same({"create", "exec_create", "die"}, {got[1].action, got[2].action, got[3].action})
      assert.are.same({"sh -c x", 137, 9, "nc", "i:1"}, {got[2].detail, got[3].exit_code, got[3].signal, got[3].name,
        got[3].image})
      assert.are.same({'"}{[', "container", "a"}, {got[1].attributes["é"], got[1].type, got[1].id})
    end
  end)

  it("begin now, by the engine's clock", function()
    local it, where = scripted {PING, {"/events", body = event(T - 1, "start", "old") .. event(T, "start", "new")}}
    assert.are.same({"start new"}, value(TAKE:format("", 1), where))
    assert.are.equal(1, it:count "/events%?since=1767225598.000000000$")
  end)

  it("go on after the last one when the connection is lost, none of them twice", function()
    local first = event(T + 1, "create", "a") .. event(T + 2, "start", "a") .. event(T + 2, "start", "b")
    local it, where = scripted {
      PING, {"/events%?since=1767225598", times = 1, raw = part(first), close = true},
      {"/events.*until=", body = event(T + 2, "start", "a") .. event(T + 2, "start", "b")},
      {"/events", body = event(T + 2, "start", "a") .. event(T + 2, "start", "b") .. event(T + 2, "start", "c")
        .. event(T + 3, "die", "a")},
    }
    assert.are.same({"create a", "start a", "start b", "start c", "die a"}, value(TAKE:format("", 5), where))
    assert.are.same({1, 1}, {it:count "since=1767225599.999999002$",
      it:count "since=1767225599.999999002&until=1767225600.000001002$"})
  end)

  it("have a gap when the engine has forgotten the last one", function()
    local _, where = scripted {
      PING, {"/events%?since=1767225598", times = 1, body = event(T + 1, "create", "a")},
      {"/events.*until=", body = ""}, {"/events", body = event(T + 9, "die", "a")},
    }
    assert.are.same({"create a", "gap", "die a"}, value(TAKE:format("", 3), where))
  end)

  it("have a gap when the script is too slow for them", function()
    local text = {}
    for i = 1, 60000 do text[i] = event(T + i, "start", ("%064d"):format(i)) end
    local _, where = scripted {PING, {"/events", raw = "HTTP/1.1 200 OK\r\n\r\n" .. table.concat(text)}}
    local got = value([[
      local events = assert(docker.events())
      mt.sleep(1.6)
      local count, gaps, last, backwards = 0, 0, 0, 0
      for e in events do
        if e.action == "gap" then gaps = gaps + 1 break end
        if e.time_nano <= last then backwards = backwards + 1 end
        count, last = count + 1, e.time_nano
      end
      return {count = count, gaps = gaps, backwards = backwards}
    ]], where)
    assert.are.same({1, 0}, {got.gaps, got.backwards})
    assert.is_true(got.count > 4000 and got.count < 60000, "" .. got.count)
  end)

  it("are chosen by filters, also where the engine ignores them", function()
    local text = event(T + 1, "create", "abc") .. event(T + 2, "exec_create: sh", "abc") .. event(T + 3, "die", "xyz")
      .. event(T + 4, "health_status: healthy", "abc")
    for filters, wanted in pairs {
      ['{event = "die"}'] = "die xyz", ['{container = "ab", event = {"die", "exec_create"}}'] = "exec_create:sh abc",
      ['{event = "health_status"}'] = "health_status:healthy abc",
        ['{event = "health_status: healthy"}'] = "health_status:healthy abc",
      ['{label = {"k=v", "name=nxyz"}}'] = "die xyz", ['{image = "i", type = "container", container = "nxy"}'] = "die xyz",
    } do
      local it, where = scripted {PING, {"/events", body = text}}
      assert.are.same({wanted}, value(TAKE:format(("{filters = %s}"):format(filters), 1), where))
      assert.are.equal(1, it:count "filters=")
    end
  end)

  it("of Podman are asked for in the words that it knows", function()
    local pong = {"/_ping", headers = {Date = PING.headers.Date, Server = "Libpod/4.3.1 (linux)", ["Api-Version"] = "1.41"},
      body = "OK"}
    local it, where = scripted {pong, {"/events", body = event(T + 1, "died", "a") .. event(T + 2, "remove", "a")}}
    assert.are.same({"die a", "destroy a"}, value(TAKE:format('{filters = {event = {"die", "destroy"}, type = "container"}}',
      2), where))
    assert.are.equal(1, it:count "filters=%%7B%%22type%%22%%3A%%5B%%22container%%22%%5D%%7D$")
  end)

  it("refuse filters and times that are none", function()
    local _, where = scripted {PING}
    for code, text in pairs {
      ['docker.events {filters = {typ = "container"}}'] = 'docker.events: unknown option "filters.typ" (did you mean "type"?)',
      ['docker.events {filters = {type = 3}}'] = 'option "filters.type" must be a string or a table, got number 3',
      ['docker.events {filters = {type = {3}}}'] = 'option "filters.type" must be a string or a list of strings',
      ['docker.events {filters = {event = {}}}'] = 'option "filters.event" must be a string or a list of strings, not empty',
      ['docker.events {filters = {label = {}}}'] = 'option "filters.label" must be a string or a list of strings, not empty',
      ['docker.events {filters = {container = {web = true}}}'] = 'option "filters.container" must be a string or a list of',
      ['docker.events {since = "yesterday"}'] = 'option "since" must be a time (Unix seconds), or how long ago, such as "10m"',
      ['docker.logs("c", {tail = -1})'] = 'option "tail" must be at least 0, got -1',
      ['docker.logs("c", {stdout = false, stderr = false})'] = "nothing would be read",
      ['docker.logs("c", {folow = true})'] = 'unknown option "folow" (did you mean "follow"?)',
      ['docker.pull "Upper/x"'] = 'argument "image" is a bad image reference',
    } do
      local raised = engine.ask("streams", "return " .. code, where).raised
      assert.is_truthy(raised and raised:find(text, 1, true), raised)
    end
  end)
end)

describe("a pull", function()
  local ROWS = '{"status":"Pulling from x","id":"1"}\r\n{"status":"Downloading","id":"l1",'
    .. '"progressDetail":{"current":5,"total":10},'
    .. '"progress":"[=>]"}\r\n{"status":"Done"}\r\n'
  local PULLED = "local list = {} for row in assert(docker.pull%s) do list[#list + 1] = row end return list"
  local IMAGE = {"/images/.*/json$", body = '{"Id":"sha256:1","RepoDigests":["x@sha256:' .. ("a"):rep(64) .. '"]}'}

  it("gives its rows, asks for latest, and looks whether the image is there", function()
    local it, where = scripted {{"^POST .*/images/create", body = ROWS, pieces = 7}, IMAGE}
    assert.are.same({{status = "Pulling from x", id = "1"}, {status = "Downloading", id = "l1", current = 5, total = 10},
      {status = "Done"}}, value(PULLED:format '("reg:5000/x")', where))
    assert.are.same({1, 1}, {it:count "create%?fromImage=reg%%3A5000%%2Fx&tag=latest$",
      it:count "/images/reg%%3A5000%%2Fx%%3Alatest/json$"})
  end)

  it("without progress leaves out the rows that count bytes", function()
    local _, where = scripted {{"/images/create", body = ROWS}, IMAGE}
    assert.are.equal(2, #value(PULLED:format '("x:1", {progress = false})', where))
  end)

  it("is of that tag, digest and platform, and says who asks", function()
    local it, where = scripted {{"/images/create", body = ROWS}, IMAGE}
    local digest = "sha256:" .. ("a"):rep(64)
    value(("return docker.pull('x:1@%s', {platform = 'linux/arm64', auth = {username = 'me', password = 'p'}}):wait()"):format(
      digest), where)
    local request = it:stop()[2]
    assert.are.equal("/v1.41/images/create?fromImage=x&tag=sha256%3A" .. ("a"):rep(64) .. "&platform=linux%2Farm64",
      request.target)
    assert.is_truthy(request.headers["x-registry-auth"])
  end)

  it("that ends with another image, or with none, has failed", function()
    local digest = "sha256:" .. ("b"):rep(64)
    local _, where = scripted {{"/images/create", body = ROWS}, IMAGE}
    engine.reads(failure(("return docker.pull('x@%s'):wait()"):format(digest), where), 'docker.pull: image "x@' .. digest,
      "does not have the image")
    _, where = scripted {{"/images/create", body = ROWS}}
    engine.reads(failure("return docker.pull('x'):wait()", where), 'docker.pull: image "x:latest": the engine ended the pull')
  end)

  for text, kind in pairs {
    ["manifest for x:1 not found: manifest unknown"] = "not_found",
    ["unauthorized: authentication required"] = "denied",
    ["Get https://x/v2/: dial tcp: i/o timeout"] = "engine",
  } do
    it("that fails in the middle of a reply of 200 has failed: " .. kind, function()
      local _, where = scripted {{"/images/create", body = ROWS
        .. ('{"errorDetail":{"message":"%s"},"error":"%s"}'):format(text, text)}, IMAGE}
      local err = failure("return docker.pull('x:1'):wait()", where)
      assert.are.equal(kind, err.kind)
      assert.is_nil(err.status)
      engine.reads(err, 'docker.pull: image "x:1": ', text)
      local raised = engine.ask("streams", PULLED:format "('x:1')", where).raised
      assert.is_truthy(raised and raised:find(text, 1, true), raised)
    end)
  end

  it("that breaks off has failed", function()
    local _, where = scripted {{"/images/create", raw = part(ROWS), close = true}, IMAGE}
    assert.are.equal("transport", failure("return docker.pull('x'):wait()", where).kind)
  end)

  it("that is left is given up", function()
    local _, where = scripted {{"/images/create", raw = part(ROWS)}, IMAGE}
    local err = failure([[
      local pull = assert(docker.pull "x")
      for _ in pull do break end
      pull:close()
      return pull:wait()
    ]], where)
    assert.are.equal("cancelled", err.kind)
  end)
end)

describe("a stream of stats", function()
  it("ends with the frame of a container that has stopped", function()
    local row = '{"read":"2026-01-01T00:00:0%d.5Z","memory_stats":{"usage":%d}}\n'
    local _, where = scripted {{"/c/stats%?stream=true$", raw = part(row:format(1, 7) .. row:format(2, 8)
      .. '{"read":"0001-01-01T00:00:00Z","memory_stats":{}}\n')}}
    assert.are.same({{mem_usage = 7, source = "engine"}, {mem_usage = 8, source = "engine"}},
      value("local list = {} for s in assert(docker.stats('c', {stream = true})) do list[#list + 1] = s end return list", where))
  end)
end)

describe("a list", function()
  local ITEM = '{"Id":"ab","Names":["/a,]}"],"State":"running","Labels":{"x":"[\\"]"}}'

  it("is the same wherever its bytes are cut", function()
    for n = 1, 50, 7 do
      local _, where = scripted {{"/containers/json", body = "\n[ " .. ITEM .. " ,\n7," .. ITEM .. "]\n ", pieces = n}}
      local got = value("return docker.list()", where)
      fake.stop_all()
      assert.are.equal(2, #got)
      assert.are.same({"a,]}", '["]'}, {got[2].name, got[2].labels.x})
    end
  end)

  it("may be empty", function()
    for _, body in ipairs {"[]", "null", " null\n", "[ ]\n"} do
      local _, where = scripted {{"/containers/json", body = body, pieces = 1}}
      assert.are.same({}, value("return docker.list()", where))
    end
  end)

  for why, body in pairs {
    ["is no list"] = '{"message":"x"}', ["is HTML"] = "<html>no</html>", ["is cut"] = "[" .. ITEM .. ",", ["is empty"] = "",
    ["has garbage behind it"] = "[" .. ITEM .. "] x", ["has a broken element"] = "[" .. ITEM .. ',{"Id":NaN}]',
    ["is nearly null"] = "nullx", ["is cut in a null"] = "nul",
  } do
    it("that " .. why .. " is an error", function()
      local _, where = scripted {{"/containers/json", body = body}}
      local err = failure("return docker.list()", where)
      assert.are.equal("engine", err.kind)
      engine.reads(err, "docker.list: unexpected reply from the engine at ", "check that a Docker Engine answers there")
    end)
  end

  it("that breaks off is an error", function()
    local _, where = scripted {{"/containers/json", raw = part("[" .. ITEM .. ","), close = true}}
    assert.are.equal("transport", failure("return docker.list()", where).kind)
  end)
end)

describe("an iterator that two tasks read", function()
  -- Both read it as often as they may. The second is woken by another log, too, and so at times before the
  -- first, which new lines have woken: then it takes them, and waits in its place.
  it("leaves neither waiting for ever", function()
    local rules = {inspected("c", nil, true), {"/c/logs", raw = "HTTP/1.1 200 OK\r\n\r\n" .. ("x\n"):rep(600), pieces = 2}}
    local _, where = scripted(rules)
    local busy = fake.start {inspected("d", nil, true), {"/d/logs", raw = "HTTP/1.1 200 OK\r\n\r\n", close = true,
      loop = {("0123456789\n"):rep(5000), 12}}}
    where.env.BUSY = busy.host
    local got = value([[
      local shared, other = assert(docker.logs "c"), assert(mt.docker.connect {host = os.getenv "BUSY"}.logs "d")
      local function read(also)
        while true do
          for _ = 1, also and 7 or 1 do
            if not also or not other() then mt.sleep(0) end
          end
          local ok, line = pcall(shared)
          if ok and not line then return end
          if not ok and not tostring(line):find "another task waits for this stream" then error(line, 0) end
        end
      end
      local readers = {mt.spawn(read, false), mt.spawn(read, true)}
      mt.sleep(0.8)
      shared:close()
      mt.timeout(20, function() for _, reader in ipairs(readers) do reader:join() end end)
      local states = {readers[1]:status(), readers[2]:status()}
      for _, reader in ipairs(readers) do reader:cancel() end
      return states
    ]], where)
    assert.are.same({"done", "done"}, got)
  end)
end)
