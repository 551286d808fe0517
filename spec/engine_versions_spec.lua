-- Engines of other versions, as recorded from them, and replies that break off or are not an engine's, to the calls that
-- people make most.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"

local LABEL = "engine_versions"
local ID = ("0123456789abcdef"):rep(4)

local function scripted(rules)
  local it = fake.start(rules)
  return it, {env = {DOCKER_HOST = it.host}}
end

after_each(fake.stop_all)

-- What engines say of one healthy container; {} is where its address stands, until 28 also at the top.
local OLD_LIST = [=[[{"Id":"%s","Names":["/web"],"Image":"web","ImageID":"sha256:1","Command":"web","Created":1700000000,
  "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":32768,"Type":"tcp"}],"Labels":{"spec":"engine_versions"},
  "State":"running","Status":"Up 2 minutes (healthy)","HostConfig":{"NetworkMode":"default"},
  "NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.2"}}},"Mounts":[]}]]=]
local NEW_LIST = [=[[{"Id":"%s","Names":["/web"],"Image":"web","ImageID":"sha256:1","Command":"web","Created":1700000000,
  "ImageManifestDescriptor":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1024},
  "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":32768,"Type":"tcp"}],"Labels":{"spec":"engine_versions"},
  "State":"running","Status":"Up 2 minutes (healthy)","Health":{"Status":"healthy","FailingStreak":0},
  "HostConfig":{"NetworkMode":"bridge"},"NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.2"}}},"Mounts":[]}]]=]
local INSPECTED = [=[{"Id":"%s","Name":"/web","Created":"2023-11-14T22:13:20.123456789Z","Image":"sha256:1",
  "State":{"Status":"running","Running":true,"ExitCode":0,"StartedAt":"2023-11-14T22:13:21Z",
    "Health":{"Status":"healthy","FailingStreak":0,"Log":[]}},
  "Config":{"Image":"web","Labels":{"spec":"engine_versions"}},
  "NetworkSettings":{%s"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32768"}]},
    "Networks":{"bridge":{"IPAddress":"172.17.0.2","Gateway":"172.17.0.1"}}}}]=]
local TOP = [["Bridge":"","SandboxID":"1","IPAddress":"172.17.0.2","Gateway":"172.17.0.1","MacAddress":"02:42:ac:11:00:02",]]

-- Every call in a version that it does not know is refused, in its own words.
local function engine_of(newest, oldest, used)
  local new = tonumber(newest:match("%d+$")) >= 52
  local path = "^%u+ /v" .. used:gsub("%.", "%%.")
  local too = "client version 1.44 is too %s. %s supported API version is %s%s"
  local below = tonumber(oldest:match("%d+$")) > 44
  return scripted {
    {"/_ping$", headers = {["Api-Version"] = newest, Ostype = "linux"}, body = "OK"},
    {path .. "/containers/json", body = (new and NEW_LIST or OLD_LIST):format(ID)},
    {path .. "/containers/create", status = 201, body = ('{"Id":"%s","Warnings":%s}'):format(ID, new and "[]" or "null")},
    {path .. "/containers/[^/]*/json$", body = INSPECTED:format(ID, new and "" or TOP)},
    {path .. "/containers/[^/]*/start$", status = 204},
    {path .. "/containers/[^/]*/stop", status = 304},
    {"^%u+ /v", status = 400, body = ('{"message":"%s"}'):format(below
      and too:format("old", "Minimum", oldest, ", please upgrade your client to a newer version")
      or too:format("new", "Maximum", newest, ""))},
  }
end

local ALL = [[
  local listed = assert(docker.list {all = true})[1]
  local run = assert(docker.run(web {image = "web", name = "web"}))
  assert(docker.stop "web")
  return {listed = listed, run = run, address = docker.inspect("web").NetworkSettings.Networks.bridge.IPAddress}
]]

describe("an engine", function()
  local SUMMARY = {
    container_id = ID, name = "web", image = "web", created = 1700000000, status = "running", health = "healthy",
    labels = {spec = LABEL}, ports = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "32768"}}},
  }
  for _, case in ipairs {
    {"20.10", "1.41", "1.12", "1.41"}, {"23.0", "1.42", "1.12", "1.42"}, {"24.0", "1.43", "1.12", "1.43"},
    {"25.0", "1.44", "1.24", "1.44"}, {"27.0", "1.46", "1.24", "1.44"}, {"28.5", "1.51", "1.24", "1.44"},
    {"29.0", "1.52", "1.44", "1.44"}, {"29.6", "1.55", "1.40", "1.44"}, {"1.12", "1.24", "1.12", "1.24"},
  } do
    it("of " .. case[1] .. " is spoken to in " .. case[4] .. ", and what it says looks the same", function()
      local it, where = engine_of(table.unpack(case, 2))
      assert.are.same({listed = SUMMARY, run = SUMMARY, address = "172.17.0.2"}, engine.value(LABEL, ALL, where))
      assert.are.same({1, 6}, {it:count "/_ping$", it:count("/v" .. case[4] .. "/")})
    end)
  end

  it("that wants a newer client than there is says which versions would do", function()
    local it, where = engine_of("1.70", "1.60", "1.60")
    local err = engine.failure(LABEL, "return docker.list()", where)
    assert.are.same({"engine", 400, "give_up"}, {err.kind, err.status, err.next})
    engine.reads(err, "docker.list: the engine refuses the API versions that moontide speaks, 1.24 to 1.44; update the older "
      .. "of the two (engine: client version 1.44 is too old. Minimum supported API version is 1.60, please upgrade your ")
    assert.is_true(it:count "/containers/json" <= 2)
  end)

  it("is spoken to in its version whatever $DOCKER_API_VERSION says", function()
    local it, where = engine_of("1.52", "1.44", "1.44")
    where.env.DOCKER_API_VERSION = "1.41"
    engine.value(LABEL, "return docker.list()", where)
    assert.are.equal(1, it:count "^GET /v1.44/containers/json")
  end)

  it("that is upgraded meanwhile is spoken to in its new version, and nothing is done twice", function()
    local it, where = scripted {
      {"/_ping$", times = 1, headers = {["Api-Version"] = "1.41"}, body = "OK"},
      {"^GET /v1.41/containers/json", body = "[]"},
      {"^POST /v1.41/containers/create", status = 400, headers = {["Api-Version"] = "1.52"}, body = '{"message":"client version '
        .. '1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version"}'},
      {"^POST /v1.44/containers/create", status = 201, body = ('{"Id":"%s"}'):format(ID)},
      {"^POST /v1.44/containers/[^/]*/start$", status = 204},
      {"^GET /v1.44/containers/[^/]*/json$", body = INSPECTED:format(ID, "")},
    }
    assert.are.equal("running", engine.value(LABEL, [[
      assert(docker.list())
      return docker.run(web {name = "web"}).status
    ]], where))
    assert.are.same({1, 1, 1}, {it:count "/v1.41/containers/create", it:count "/v1.44/containers/create", it:count "/start$"})
  end)
end)

describe("a reply", function()
  local function head(lines) return "HTTP/1.1 200 OK\r\n" .. lines .. "\r\n\r\n" end
  local CHUNKED = head "Transfer-Encoding: chunked"
  -- what, the reply; how the message goes on, and kind, for a call that only reads
  local replies = {
    {"a page", {body = "<html>hello</html>"}, "unexpected reply from the engine at ", "engine"},
    {"nothing", {body = ""}, "unexpected reply from the engine at ", "engine"},
    {"another type", {body = '"text"'}, "unexpected reply from the engine at ", "engine"},
    {"half of it", {body = '[{"Id":"ab"'}, "unexpected reply from the engine at ", "engine"},
    {"a redirect", {status = 301, headers = {Location = "/elsewhere"}}, "the engine gave an unexpected reply", "engine"},
    {"another redirect", {status = 307, headers = {Location = "http://127.0.0.1:1/"}}, "the engine gave an unexpected reply",
      "engine"},
    {"text of a failure", {status = 500, body = "boom\n", headers = {["Content-Type"] = "text/plain"}},
      "the engine failed; its log may say more (engine: boom)", "engine"},
    {"a header of 1 MB", {raw = head "X: <1048576 bytes>" .. "{}", close = true}, "cannot keep the reply of ", "transport"},
    {"a chunk of size g", {raw = CHUNKED .. "g\r\n{}\r\n0\r\n\r\n", close = true}, "got no valid HTTP from ", "transport"},
    {"no last chunk", {raw = CHUNKED .. "2\r\n[]\r\n", close = true}, "lost the reply of ", "transport"},
    {"less than its length", {raw = head "Content-Length: 9" .. "[]", close = true}, "lost the reply of ", "transport"},
    {"two lengths", {raw = head "Content-Length: 2\r\nContent-Length: 3" .. "{} ", close = true}, "got no valid HTTP from ",
      "transport"},
    {"SSH", {raw = "SSH-2.0-OpenSSH_9.2p1\r\n", close = true}, "got no valid HTTP from ", "transport"},
  }

  for _, case in ipairs(replies) do
    it("of " .. case[1] .. " to list and inspect is told of", function()
      local list, one = {}, {}
      for key, value in pairs(case[2]) do list[key], one[key] = value, value end
      list[1], one[1] = "/containers/json$", "/web/json$"
      local it, where = scripted {list, one}
      for call, start in pairs {["list()"] = "docker.list: ", ["inspect 'web'"] = 'docker.inspect: container "web": '} do
        local err = engine.failure(LABEL, "return docker." .. call, where)
        assert.are.equal(case[4], err.kind)
        engine.reads(err, start .. case[3])
        assert.is_true(#err.text < 600)
      end
      assert.are.same({1, 1}, {it:count "/containers/json$", it:count "/web/json$"})
    end)

    it("of " .. case[1] .. " to a create starts nothing, and nothing is created twice", function()
      local create = {"/containers/create"}
      for key, value in pairs(case[2]) do create[key] = value end
      local it, where = scripted {create, {"/web/json$", status = 404, body = '{"message":"No such container: web"}'}}
      local err = engine.failure(LABEL, 'return docker.run(web {name = "web"})', where)
      engine.reads(err, 'docker.run: container "web": ' .. case[3])
      assert.are.same({1, 0}, {it:count "/containers/create", it:count "/start"})
    end)
  end
end)
