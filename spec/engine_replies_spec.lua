-- What an engine may answer, from garbage to a ping of yesterday, by a scripted one.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"
local host = require "spec.support.host"

local function value(code, options) return engine.value("engine", code, options) end

local function failure(code, options) return engine.failure("engine", code, options) end

-- An engine that is stopped after the test, and how scripts find it.
local function scripted(rules, options)
  local it = fake.start(rules, options)
  return it, {env = {DOCKER_HOST = it.host}}
end

after_each(fake.stop_all)

describe("what an engine is asked", function()
  it("is what a raw request says, and its body has a type", function()
    local it, where = scripted {{"^POST", body = "[]"}, {"^PUT", body = "plain"}}
    local got = value([[
      local query = {b = "c d", a = {k = {"v"}}}
      local a, b = docker.request("POST", "/any", {query = query, body = {n = 1}, headers = {["X-Any"] = "x"}})
      local c, d = docker.request("PUT", "/v1.24/any", {body = "text", headers = {["content-type"] = "text/plain"}})
      return {a, b, c, d}
    ]], where)
    assert.are.same({200, {}, 200, "plain"}, got)
    local requests = it:stop()
    local post, put = requests[2], requests[3]
    assert.are.same({"POST", "/v1.41/any?a=%7B%22k%22%3A%5B%22v%22%5D%7D&b=c%20d", '{"n":1}'},
      {post.method, post.target, post.body})
    assert.are.same({"x", "application/json"}, {post.headers["x-any"], post.headers["content-type"]})
    assert.are.same({"PUT", "/v1.24/any", "text", "text/plain"},
      {put.method, put.target, put.body, put.headers["content-type"]})
  end)

  it("about one container is one request, with what it is told", function()
    for code, request in pairs {
      ["start 'w'"] = "POST /containers/w/start",
      ["stop 'w'"] = "POST /containers/w/stop?t=10",
      ["stop('w', {timeout = '1.2s', signal = 'SIGHUP'})"] = "POST /containers/w/stop?t=2&signal=SIGHUP",
      ["restart('w', {timeout = 0})"] = "POST /containers/w/restart?t=0",
      ["kill 'w'"] = "POST /containers/w/kill?signal=SIGKILL",
      ["kill('w', {signal = 10})"] = "POST /containers/w/kill?signal=10",
      ["remove 'w'"] = "DELETE /containers/w?force=false&v=false",
      ["remove('w', {force = true, volumes = true})"] = "DELETE /containers/w?force=true&v=true",
    } do
      local it, where = scripted {{"/w[/?]", status = 204}}
      assert.is_true(value("return docker." .. code, where))
      local requests = it:stop()
      assert.are.equal(2, #requests)
      assert.are.equal((request:gsub(" ", " /v1.41")), requests[2].method .. " " .. requests[2].target)
    end
  end)

  it("about many containers is one request, with all that narrows it", function()
    local it, where = scripted {{"/containers/json", body = "[]"}}
    value("return docker.list {all = true, label = {a = 'b', c = true}, name = 'x.y', status = 'running', limit = 3}", where)
    assert.are.equal(1, it:count "/containers/json")
    assert.are.equal("/v1.41/containers/json?all=true&limit=3&filters={\"label\":[\"a=b\",\"c\"],\"name\":[\"^/?x\\\\.y$\"],"
      .. '"status":["running"]}', (it:stop()[2].target:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)))
  end)
end)

describe("what an engine answers", function()
  local function head(lines) return "HTTP/1.1 200 OK\r\n" .. lines .. "\r\n\r\n" end
  local CHUNKED = head "Transfer-Encoding: chunked"
  local function chunks(text) return {raw = CHUNKED .. text, close = true} end
  local MALFORMED = "one of the chunks that it comes in is malformed; check the address"
  local NO_HTTP, LOST, LONG = "got no valid HTTP from ", "lost the reply of ", "cannot keep the reply of "
  local UNEXPECTED = "unexpected reply from the engine at "

  local bad = {
    {"SSH", {raw = "SSH-2.0-OpenSSH_9.2p1\r\n"}, NO_HTTP, "its reply does not begin with a status of HTTP/1; check the address"},
    {"HTTP/0.9", {raw = "<html>hello</html>", close = true}, NO_HTTP, "does not begin with a status"},
    {"HTTP/2", {raw = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", close = true}, NO_HTTP},
    {"TLS", {raw = "\21\3\1\0\2\2\70", close = true}, NO_HTTP},
    {"a status line of 1 MB", {raw = "HTTP/1.1 200 <1048576 bytes>\r\n\r\n{}", close = true}, LONG},
    {"status 99", {raw = "HTTP/1.1 99 x\r\nContent-Length: 2\r\n\r\n{}"}, NO_HTTP, "does not begin with a status"},
    {"status 1000", {raw = "HTTP/1.1 1000 x\r\nContent-Length: 2\r\n\r\n{}"}, NO_HTTP, "does not begin with a status"},
    {"status abc", {raw = "HTTP/1.1 abc x\r\nContent-Length: 2\r\n\r\n{}", close = true}, NO_HTTP},
    {"a header of 1 MB", {raw = head "X: <1048576 bytes>" .. "{}", close = true}, LONG, "its headers may be too long"},
    {"20,000 headers", {raw = head(("X: y\r\n"):rep(20000)) .. "{}", close = true}, LONG,
      "its headers are more than the 65536 bytes accepted"},
    {"a header with NUL", {raw = head "X: a\0b\r\nContent-Length: 2" .. "{}"}, NO_HTTP, "Nul byte in header"},
    {"a blank before a colon", {raw = head "Content-Length : 2" .. "{}"}, NO_HTTP, "a blank before a header's colon"},
    {"a length below zero", {raw = head "Content-Length: -1" .. "{}"}, NO_HTTP},
    {"a length with a plus", {raw = head "Content-Length: +2" .. "{}"}, NO_HTTP, "its Content-Length is no number"},
    {"two lengths in one", {raw = head "Content-Length: 2,3" .. "{}"}, NO_HTTP, "its Content-Length is no number"},
    {"a length of 2^64", {raw = head "Content-Length: 18446744073709551616" .. "{}"}, NO_HTTP, "is no number"},
    {"two different lengths", {raw = head "Content-Length: 2\r\nContent-Length: 3" .. "{} "}, NO_HTTP, "two different"},
    {"a length and chunks", {raw = head "Content-Length: 2\r\nTransfer-Encoding: chunked" .. "2\r\n{}\r\n0\r\n\r\n"}, NO_HTTP,
      "both Content-Length and Transfer-Encoding"},
    {"less than its length", {raw = head "Content-Length: 3" .. "{}", close = true}, LOST, "1 bytes remaining"},
    {"half a head", {raw = "HTTP/1.1 200 OK\r\nContent-Len", close = true}, LOST, "its headers are cut off"},
    {"another coding", {raw = head "Transfer-Encoding: foo" .. "{}", close = true}, NO_HTTP,
      "it is encoded in a way that nobody asked for; check the address"},
    {"a chunk of size g", chunks "g\r\n{}\r\n0\r\n\r\n", NO_HTTP, MALFORMED},
    {"a chunk of size -1", chunks "-1\r\n{}\r\n0\r\n\r\n", NO_HTTP, MALFORMED},
    {"a chunk of size 0x2", chunks "0x2\r\n{}\r\n0\r\n\r\n", NO_HTTP, MALFORMED},
    {"a chunk size of 17 digits", chunks "00000000000000002\r\n{}\r\n0\r\n\r\n", NO_HTTP, MALFORMED},
    {"a chunk without its line's end", chunks "2\r\n{}0\r\n\r\n", NO_HTTP, MALFORMED},
    {"a chunk larger than its data", chunks "5\r\n{}\r\n0\r\n\r\n", NO_HTTP, MALFORMED},
    {"trailers of 1 MB", chunks "2\r\n{}\r\n0\r\nX: <1048576 bytes>\r\n\r\n", LOST},
    {"no last chunk", chunks "2\r\n{}\r\n", LOST, "transfer closed", "look before you repeat it"},
    {"a protocol that nobody asked for", {raw = "HTTP/1.1 101 Go\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"}, NO_HTTP,
      "it changes to a protocol that nobody asked for"},
    {"100 and no more", {raw = "HTTP/1.1 100 Continue\r\n\r\n", close = true}, LOST},
    {"HTML", {body = "<html><body>\27[31mnginx</body></html>"}, UNEXPECTED,
      "check that a Docker Engine answers there. It begins: <html><body>\\x1B[31mnginx</body></html>"},
    {"HTML of a proxy", {status = 502, body = "<html><title>502 Bad Gateway</title></html>"},
      "a proxy answers, but not the engine behind it; check that the engine runs (engine: 502 Bad Gateway)"},
    {"nothing", {body = ""}, UNEXPECTED, "It begins: (empty)"},
    {"null", {body = "null"}, UNEXPECTED, "it is no JSON object", "It begins: null"},
    {"a list instead of an object", {body = "[]"}, UNEXPECTED, "it is no JSON object"},
    {"text", {body = "hello"}, UNEXPECTED, "expected a value at line 1, column 1"},
    {"half a JSON text", {body = '{"a":[1,2'}, UNEXPECTED, "the text ends inside an array or object at line 1, column 10"},
    {"JSON 100,000 deep", {body = ("["):rep(100000) .. ("]"):rep(100000)}, UNEXPECTED, "nested too deep at line 1"},
    {"two JSON texts", {body = "{} {}"}, UNEXPECTED, "expected nothing after the value"},
    {"NaN", {body = '{"a":NaN}'}, UNEXPECTED, "expected a value at line 1, column 6"},
    {"1e400", {body = '{"a":1e400}'}, UNEXPECTED, "the number is too large"},
    {"bytes that are no UTF-8", {body = '{"a":"\xff"}'}, UNEXPECTED, "invalid UTF-8", '{"a":"\\xFF"}'},
    {"half a surrogate pair", {body = '{"a":"\\ud800"}'}, UNEXPECTED, "half of a surrogate pair"},
    {"a redirect", {status = 301, headers = {Location = "http://localhost/"}}, "the engine gave an unexpected reply; check "
      .. "that a Docker Engine answers there (engine: status 301)"},
    {"no content", {status = 204}, UNEXPECTED},
    {"a failure", {status = 500, body = '{"message":"\\u001b]0;boom"}'},
      "the engine failed; its log may say more (engine: \\x1B]0;boom)"},
  }
  for _, case in ipairs(bad) do
    it("with " .. case[1] .. " is told of", function()
      case[2][1] = "/info$"
      local it, where = scripted {case[2]}
      local err = failure("return docker.info()", where)
      assert.is_truthy(err.kind == "transport" or err.kind == "engine", err.kind)
      engine.reads(err, "docker.info: " .. case[3], table.unpack(case, 4))
      assert.is_nil(err.text:find("%c"))
      assert.is_true(#err.text < 600)
      assert.are.equal(1, it:count "/info$")
    end)
  end

  local whole = '{"Name":"fake","Big":9223372036854775807}'
  local good = {
    {"byte by byte", {body = whole, pieces = 1}},
    {"in chunks of one byte", {raw = CHUNKED .. whole:gsub(".", "1\r\n%0\r\n") .. "0\r\n\r\n", pieces = 3}},
    {"with a trailer", {raw = CHUNKED .. ("%x;ext=1\r\n%s\r\n0\r\nX: y\r\n\r\n"):format(#whole, whole)}},
    {"to the end of the connection", {raw = head "X: y" .. whole, close = true}},
    {"after 100 and 103", {raw = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
      .. head("Content-Length: " .. #whole) .. whole}},
    {"without a reason, with bare line feeds and a folded header",
      {raw = ("HTTP/1.1 200\nX: a\n b\nContent-Length: %d\n\n%s"):format(#whole, whole)}},
    {"with the length twice", {raw = head(("Content-Length: %d\r\ncontent-length: %d"):format(#whole, #whole)) .. whole}},
  }
  for _, case in ipairs(good) do
    it(case[1] .. " is understood", function()
      case[2][1] = "/info$"
      local _, where = scripted {case[2]}
      local result = host.eval('local i = assert(mt.docker.info()) print(i.Name, i.Big)', where)
      assert.are.same({0, "fake\t9223372036854775807\n", ""}, {result.code, result.out, result.err})
    end)
  end

  it("with 10 MB is taken, with more than 64 MB not", function()
    local _, where = scripted {
      {"/info$", body = '{"Name":"<10000000 bytes>"}'},
      {"/version$", raw = CHUNKED .. "4400000\r\n<71303168 bytes>\r\n0\r\n\r\n"},
    }
    assert.are.equal(10000000, value("return #docker.info().Name", where))
    engine.reads(failure("return docker.version()", where), "docker.version: cannot keep the reply of ",
      "its body is more than the 67108864 bytes accepted; ")
  end)

  it("in fields of other types becomes a summary all the same", function()
    local it, where = scripted {
      {"/containers/json", body = '[{"Id":"ab","Names":null,"State":7,"Ports":null,"Labels":null,"Created":"yesterday"},7,{}]'},
      {"/ab/json$", body = '{"Id":"ab","Name":7,"State":[],"NetworkSettings":{"Ports":{"80/tcp":null,"81/tcp":7}}}'},
    }
    local got = value('return {list = docker.list(), inspected = docker.wait_ports("ab", nil, {timeout = 0})}', where)
    assert.are.same({container_id = "ab", name = "", status = "unknown", ports = {}, labels = {}, image = ""}, got.list[1])
    assert.are.equal(2, #got.list)
    assert.are.same({}, got.inspected)
    assert.are.equal(1, it:count "/containers/json$")
  end)

  it("does not tell a ping from another server's page", function()
    local _, where = scripted {{"/_ping$", body = "<html>hello</html>"}}
    for _, call in ipairs {"ping", "info"} do
      local err = failure(("return docker.%s()"):format(call), where)
      assert.are.equal("engine", err.kind)
      engine.reads(err, ("docker.%s: unexpected reply from the engine at "):format(call), "GET /_ping is not answered with OK",
        "It begins: <html>hello</html>")
    end
  end)
end)

describe("the version", function()
  local function ping(version) return {"/_ping$", headers = {["API-Version"] = version}, body = "OK"} end
  local function refusal(text, version)
    return {"/info$", times = 1, status = 400, body = ('{"message":"%s"}'):format(text), headers = {["Api-Version"] = version}}
  end
  local TOO_NEW = "client version 1.44 is too new. Maximum supported API version is 1.40"
  local TOO_OLD = "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client"
  local INFO = {"/info$", body = "{}"}

  for newest, used in pairs {["1.24"] = "1.24", ["1.41"] = "1.41", ["1.44"] = "1.44", ["1.52"] = "1.44", ["1.99"] = "1.44",
    ["2.0"] = "1.44"} do
    it("with an engine of " .. newest .. " is " .. used .. ", asked once for many calls", function()
      local it, where = scripted {ping(newest), INFO}
      assert.are.equal(4, #value("return (mt.map({1, 2, 3, 4}, function() return docker.info() end))", where))
      assert.are.same({1, 4}, {it:count "^GET /_ping$", it:count("^GET /v" .. used .. "/info$")})
    end)
  end

  it("with an engine that names none is the newest that moontide knows", function()
    local it, where = scripted {{"/_ping$", body = "OK"}, INFO}
    value("return docker.info()", where)
    assert.are.equal(1, it:count "^GET /v1.44/info$")
  end)

  it("with an engine of 1.12 is too old to be used", function()
    local it, where = scripted {ping "1.12"}
    local err = failure("return docker.info()", where)
    assert.are.equal("engine", err.kind)
    engine.reads(err, "docker.info: unexpected reply from the engine at " .. it.host,
      "it is too old: its newest API version is 1.12, and moontide needs 1.24")
  end)

  it("is chosen anew when the engine says that it is too new", function()
    local it, where = scripted {{"/_ping$", body = "OK"}, refusal(TOO_NEW), INFO}
    value("assert(docker.info()) return docker.info()", where)
    assert.are.same({1, 1, 2}, {it:count "_ping", it:count "^GET /v1.44/info$", it:count "^GET /v1.40/info$"})
  end)

  it("is chosen anew when the engine says that it is too old, also in plain text", function()
    local refused = refusal(TOO_OLD)
    refused.body = TOO_OLD
    local it, where = scripted {ping "1.41", refused, INFO}
    value("return docker.info()", where)
    assert.are.same({1, 1}, {it:count "^GET /v1.41/info$", it:count "^GET /v1.44/info$"})
  end)

  it("is chosen anew once only; then both versions are told", function()
    local second = refusal(TOO_NEW:gsub("1.44", "1.40"):gsub("1.40$", "1.39"))
    local it, where = scripted {{"/_ping$", body = "OK"}, refusal(TOO_NEW), second, INFO}
    local err = failure("return docker.info()", where)
    assert.are.same({"engine", 400}, {err.kind, err.status})
    engine.reads(err, "docker.info: the engine refuses the API versions that moontide speaks, 1.24 to 1.44; update the older of "
      .. "the two (engine: client version 1.40 is too new. Maximum supported API version is 1.39)")
    assert.are.equal(2, it:count "/info$")
  end)

  it("is chosen anew when another engine answers after the first has gone", function()
    local it, where = scripted {
      {"/_ping$", times = 1, headers = {["Api-Version"] = "1.41"}, body = "OK"}, ping "1.43",
      {"^GET /v1.41/info$", drop = true}, INFO,
    }
    value([[
      local _, err = docker.info()
      assert(err.kind == "transport")
      return docker.info()
    ]], where)
    assert.are.same({2, 1}, {it:count "_ping", it:count "^GET /v1.43/info$"})
  end)
end)
