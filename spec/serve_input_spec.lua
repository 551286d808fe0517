-- mt.http.serve and what nobody should send: the bytes go over a socket of their own.
local served = require "spec.support.server"

local TOKEN = "correct-horse"
local OPEN = [[return {max_body = 1000, hosts = {"api.example.org"}, timeout = "2s", openapi = {}, routes = {
  ["GET /"] = function(req) return {path = req.path, query = req.query} end,
  ["GET /c/{image*}"] = function(req) return req.params end,
  ["GET /n/{name}"] = function(req) return req.params end,
  ["POST /c"] = {function(req) return req.json end, body = {name = "string", replicas = "integer?"}},
  ["POST /raw"] = function(req) return req.body end,
}}]]

local GUARDED = ('return {token = "%s", routes = {["GET /"] = function() return "in" end}}'):format(TOKEN)

local open, guarded

setup(function()
  open = served.start(OPEN)
  guarded = served.start(GUARDED)
end)

teardown(function()
  local code, _, err = open:stop()
  assert.same({0, ""}, {code, err})
  code, _, err = guarded:stop()
  assert.same({0, ""}, {code, err})
end)

local HOST = "Host: 127.0.0.1\r\n"

-- The statuses of all replies that come, as text, until the server or (with "Connection: close" in the last
-- request) the client's wish ends the connection.
local function statuses(text, server)
  local got, ended = (server or open):raw(text)
  assert.is_true(ended, "the connection is still there")
  local list = {}
  for status in got:gmatch("HTTP/1%.1 (%d+) ") do list[#list + 1] = status end
  return table.concat(list, " "), got
end

-- One request of these lines, the last one of its connection.
local function line(text, headers) return text .. "\r\n" .. (headers or HOST) .. "Connection: close\r\n\r\n" end

-- {what it is, the bytes, a pattern of the statuses}.
local function cases(list)
  for _, case in ipairs(list) do
    it(("%s: %s"):format(case[1], case[3]), function()
      local got, text = statuses(case[2], case[4])
      assert.matches("^" .. case[3] .. "$", got)
      assert.not_matches("\nServer:", text)
    end)
  end
  it("and it still serves", function() assert.equal(200, (open:ask("GET", "/"))) end)
end

describe("Hosts", function() -- 66
  cases {
    {"none", line("GET / HTTP/1.1", ""), "400"},
    {"none, of HTTP/1.0", line("GET / HTTP/1.0", ""), "400"},
    {"two", line("GET / HTTP/1.1", HOST .. HOST), "400"},
    {"of another", line("GET / HTTP/1.1", "Host: evil.com\r\n"), "421"},
    {"that begins as ours", line("GET / HTTP/1.1", "Host: 127.0.0.1.evil.com\r\n"), "421"},
    {"that ends as ours", line("GET / HTTP/1.1", "Host: evil.localhost\r\n"), "421"},
    {"empty", line("GET / HTTP/1.1", "Host:\r\n"), "400"},
    {"with a user", line("GET / HTTP/1.1", "Host: localhost:80@evil.com\r\n"), "400"},
    {"with no port's number", line("GET / HTTP/1.1", "Host: localhost:x\r\n"), "400"},
    {"unfinished", line("GET / HTTP/1.1", "Host: [::1\r\n"), "400"},
    {"of any address", line("GET / HTTP/1.1", "Host: 0.0.0.0\r\n"), "421"},
    {"localhost", line("GET / HTTP/1.1", "Host: localhost:1234\r\n"), "200"},
    {"LocalHost", line("GET / HTTP/1.1", "Host: LocalHost\r\n"), "200"},
    {"127.0.0.1", line("GET / HTTP/1.1", "Host: 127.0.0.1:8080\r\n"), "200"},
    {"[::1]", line("GET / HTTP/1.1", "Host: [::1]:8080\r\n"), "200"},
    {"of the options", line("GET / HTTP/1.1", "Host: api.example.org\r\n"), "200"},
  }
end)

describe("Pages of other sites", function() -- 67
  local function from(headers) return line("GET / HTTP/1.1", HOST .. headers) end
  cases {
    {"Origin", from "Origin: https://evil.com\r\n", "403"},
    {"Origin null", from "Origin: null\r\n", "403"},
    {"Origin of another port", from "Origin: http://127.0.0.1:3000\r\n", "403"},
    {"Origin, also for POST", line("POST /raw HTTP/1.1", HOST .. "Origin: https://evil.com\r\n"), "403"},
    {"two Origins", from "Origin: http://127.0.0.1\r\nOrigin: https://evil.com\r\n", "403"},
    {"cross-site", from "Sec-Fetch-Site: cross-site\r\n", "403"},
    {"same-site", from "Sec-Fetch-Site: same-site\r\n", "403"},
    {"our own", from "Origin: http://127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n", "200"},
    {"typed in", from "Sec-Fetch-Site: none\r\n", "200"},
  }
end)

describe("Tokens", function() -- 68
  local function with(headers, target)
    return guarded:ask("GET", target or "/", headers)
  end

  it("let in", function()
    assert.equal(200, (with("Authorization: Bearer " .. TOKEN .. "\r\n")))
    assert.equal(200, (with("authorization: bearer " .. TOKEN .. "\r\n")))
  end)

  it("that are wrong do not, and are answered later when there are many", function()
    local uv = require "luv"
    local function seconds_of(fn)
      local begin = uv.hrtime()
      fn()
      return (uv.hrtime() - begin) / 1e9
    end
    -- A delay is a second. What the machine holds up, it does not hold up each of so many times.
    local function quickest(count, fn)
      local least = math.huge
      for i = 1, count do least = math.min(least, seconds_of(function() fn(i) end)) end
      return least
    end
    local wrongs = {
      "", "Authorization: Bearer\r\n", "Authorization: Bearer " .. TOKEN:sub(1, -2) .. "\r\n",
      "Authorization: Bearer " .. TOKEN .. "x\r\n", "Authorization: Basic Y29ycmVjdC1ob3JzZQ==\r\n",
    }
    local function five(server)
      for _, wrong in ipairs(wrongs) do
        local status, body, head = server:ask("GET", "/", wrong)
        assert.same({401, '{"error":"a token is needed: send Authorization: Bearer TOKEN"}'}, {status, body})
        assert.matches('\r\nWWW%-Authenticate: Bearer realm="moontide"\r\n', head)
      end
    end
    assert.is_true(quickest(3, function()
      guarded:stop() -- another one has not heard of any
      guarded = served.start(GUARDED)
      five(guarded)
    end) < 0.9, "the first five are delayed")
    assert.is_true(seconds_of(function() assert.equal(401, (with("", "/?token=" .. TOKEN))) end) >= 0.9,
      "the sixth is not delayed")
    assert.is_true(quickest(3, function() assert.equal(200, (with("Authorization: Bearer " .. TOKEN .. "\r\n"))) end) < 0.9,
      "the right one is delayed")
  end)

  it("are asked for before anything is told", function()
    assert.equal(401, (guarded:ask("GET", "/nosuch")))
    assert.equal(401, (guarded:ask("OPTIONS", "*")))
  end)
end)

describe("Methods", function() -- 69, 70
  local function post(kind, body)
    return ("POST /c HTTP/1.1\r\n%sConnection: close\r\n%sContent-Length: %d\r\n\r\n%s"):format(HOST, kind, #body, body)
  end
  cases {
    {"a GET with effect", line("GET /c HTTP/1.1"), "405"},
    {"POST of text", post("Content-Type: text/plain\r\n", '{"name":"a"}'), "415"},
    {"POST of a form", post("Content-Type: application/x-www-form-urlencoded\r\n", "name=a"), "415"},
    {"POST of anything", post("", '{"name":"a"}'), "415"},
    {"POST of JSON", post("Content-Type: application/json\r\n", '{"name":"a"}'), "200"},
    {"with a blank", line("GE T / HTTP/1.1"), "400"},
    {"with what no method has", line("G(T / HTTP/1.1"), "400"},
    {"of 100 KB", line(("A"):rep(100000) .. " / HTTP/1.1"), "4%d%d"},
    {"in lower case", line("get / HTTP/1.1"), "405"},
    {"TRACE", line("TRACE / HTTP/1.1"), "405"},
    {"CONNECT", line("CONNECT localhost:80 HTTP/1.1"), "400"},
    {"of HTTP/3.0", line("GET / HTTP/3.0"), "505"},
    {"of HTTP/1.7", line("GET / HTTP/1.7"), "505"},
    {"HEAD", line("HEAD / HTTP/1.1"), "200"},
    {"OPTIONS", line("OPTIONS /c HTTP/1.1"), "204"},
    {"OPTIONS of all", line("OPTIONS * HTTP/1.1"), "204"},
    {"GET of all", line("GET * HTTP/1.1"), "400"},
  }

  it("that there are, are told", function()
    local _, _, head = open:ask("GET", "/c")
    assert.matches("\r\nAllow: OPTIONS, POST\r\n", head)
    _, _, head = open:ask("OPTIONS", "/n/x")
    assert.matches("\r\nAllow: GET, HEAD, OPTIONS\r\n", head)
  end)

  it("HEAD has no body and its length", function()
    local status, body, head = open:ask("HEAD", "/")
    assert.same({200, ""}, {status, body})
    assert.matches("\r\nContent%-Length: 23\r\n", head)
  end)
end)

describe("Targets", function() -- 71
  local list = {
    {"of 16 KB", line("GET /" .. ("a"):rep(16384) .. " HTTP/1.1"), "414"},
    {"of 100 KB", line("GET /" .. ("a"):rep(102400) .. " HTTP/1.1"), "4%d%d"},
    {"absolute", line("GET http://evil.com/ HTTP/1.1"), "400"},
    {"without a slash", line("GET c HTTP/1.1"), "400"},
    {"with a raw byte", line("GET /n/\xff HTTP/1.1"), "400"},
    {"none", line("GET HTTP/1.1"), "[45]0[05]"},
    {"two slashes", line("GET // HTTP/1.1"), "404"},
    {"a name that is empty", line("GET /n/ HTTP/1.1"), "404"},
    {"a rest with an empty one", line("GET /c/a//b HTTP/1.1"), "404"},
    {"a rest", line("GET /c/a/b HTTP/1.1"), "200"},
  }
  for _, path in ipairs {
    "/../../etc/passwd", "/c/%2e%2e%2fetc", "/c/..%5cetc", "/c/a/../b", "/c/./b", "/n/..", "/n/%2e", "/n/a%00", "/n/%zz",
    "/n/a%", "/n/%ff", "/n/a%0d%0aSet-Cookie:x", "/?name=a%0d%0aSet-Cookie:x", "/?a=%ff", "/n/%1b[31m",
  } do
    list[#list + 1] = {path, line("GET " .. path .. " HTTP/1.1"), "400"}
  end
  cases(list)
end)

describe("Headers", function() -- 72, 77
  cases {
    {"of 17 KB", line("GET / HTTP/1.1", HOST .. ("X-A: %s\r\n"):format(("x"):rep(17000))), "431"},
    {"of 200 KB", line("GET / HTTP/1.1", HOST .. ("X-A: %s\r\n"):format(("x"):rep(200000))), "431"},
    {"65 of them", line("GET / HTTP/1.1", HOST .. ("X-A: b\r\n"):rep(65)), "431"},
    {"10,000 of them", line("GET / HTTP/1.1", HOST .. ("X-A: b\r\n"):rep(10000)), "431"},
    {"a name with a blank", line("GET / HTTP/1.1", HOST .. "X A: b\r\n"), "400"},
    {"a blank before the colon", line("GET / HTTP/1.1", HOST .. "Content-Length : 5\r\n"), "400"},
    {"no colon", line("GET / HTTP/1.1", HOST .. "nonsense\r\n"), "400"},
    {"a control character", line("GET / HTTP/1.1", HOST .. "X-A: \1\r\n"), "400"},
    {"gibberish", "\0\1\2\3\r\n\r\n", "4?0?[08]?"},
    {"TLS", "\22\3\1\2\0\1\0\1\252\3\3\r\n\r\n", "4?0?0?"},
  }
end)

describe("Bodies", function() -- 73, 75, 76
  local function post(headers, body, target)
    return ("POST %s HTTP/1.1\r\n%sConnection: close\r\n%s\r\n%s"):format(target or "/raw", HOST, headers, body)
  end
  local function json(text)
    return post(("Content-Type: application/json\r\nContent-Length: %d\r\n"):format(#text), text, "/c")
  end
  cases {
    {"of the largest size", post("Content-Length: 1000\r\n", ("x"):rep(1000)), "200"},
    {"one byte longer", post("Content-Length: 1001\r\n", ("x"):rep(1001)), "413"},
    {"much longer", post("Content-Length: 3000000\r\n", ("x"):rep(100000)), "413"},
    -- libmicrohttpd 0.9.75 writes the head of these replies twice, and ends the connection.
    {"longer than numbers go", post("Content-Length: 99999999999999999999999\r\n", ""), "413 ?4?1?3?"},
    {"a list of lengths", post("Content-Length: 1, 5\r\n", "xabcd"), "400 ?4?0?0?"},
    {"a signed length", post("Content-Length: +1\r\n", "x"), "400 ?4?0?0?"},
    {"a length that is none", post("Content-Length: x\r\n", "x"), "400 ?4?0?0?"},
    {"in chunks", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "200"},
    {"in chunks, longer", post("Transfer-Encoding: chunked\r\n", "3e9\r\n" .. ("x"):rep(1001) .. "\r\n0\r\n\r\n"), "413"},
    {"in chunks without end", post("Transfer-Encoding: chunked\r\n", ("ffff\r\n" .. ("x"):rep(65535) .. "\r\n"):rep(40)),
      "4?1?3?"},
    {"of bad chunks", post("Transfer-Encoding: chunked\r\n", "xyz\r\nabc\r\n0\r\n\r\n"), "400"},
    {"of a chunk of negative size", post("Transfer-Encoding: chunked\r\n", "-1\r\nabc\r\n0\r\n\r\n"), "400"},
    {"two lengths", post("Content-Length: 1\r\nContent-Length: 5\r\n", "xabcd"), "400"},
    {"two equal lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), "400"},
    {"length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), "400"},
    {"chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), "400"},
    {"chunks twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
    {"compressed chunks", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501"},
    {"chunks of HTTP/1.0", (post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"):gsub("HTTP/1.1", "HTTP/1.0")), "400"},
    {"no JSON", json '{"name":', "400"},
    {"65 levels", json(('{"name":%s%s}'):format(("["):rep(65), ("]"):rep(65))), "400"},
    {"no object", json "[]", "422"},
    {"Range and Accept-Encoding", line("GET / HTTP/1.1", HOST .. "Range: bytes=0-1\r\nAccept-Encoding: gzip\r\n"), "200"},
    {"pipelined", "GET / HTTP/1.1\r\n" .. HOST .. "\r\nGET /nosuch HTTP/1.1\r\n" .. HOST .. "\r\n" .. line("GET / HTTP/1.1"),
      "200 404 200"},
    {"pipelined garbage", "GET / HTTP/1.1\r\n" .. HOST .. "\r\n\0\0garbage\r\n\r\n\r\n", "200 ?4?0?0?"},
    {"after which a request comes", ("POST /raw HTTP/1.1\r\n%sContent-Length: 3\r\n\r\nabc"):format(HOST)
      .. line("GET / HTTP/1.1"), "200 200"},
    {"that are refused, after which a request comes", ("POST /raw HTTP/1.1\r\n%sContent-Length: 1001\r\n\r\n%s"):format(HOST,
      ("x"):rep(1001)) .. line("GET / HTTP/1.1"), "413 200"},
  }

  it("that do not fit name the field", function()
    for text, body in pairs {
      ['{"name":"a","replicas":"3"}'] =
        '{"error":"\\"replicas\\" must be a whole number, got string \\"3\\"","field":"replicas"}',
      ['{"name":"a","replicsa":3}'] =
        '{"error":"\\"replicsa\\" is not known (did you mean \\"replicas\\"?)","field":"replicsa"}',
      ['{"replicas":3}'] = '{"error":"\\"name\\" is missing","field":"name"}',
    } do
      local status, got = open:ask("POST", "/c", "Content-Type: application/json\r\n", text)
      assert.same({422, body}, {status, got})
    end
  end)

  it("are asked for when their client waits for that", function()
    local client = open:connect()
    client:send("POST /raw HTTP/1.1\r\n" .. HOST .. "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert.equal("HTTP/1.1 100 Continue\r\n\r\n", (client:receive("\r\n\r\n")))
    client:send("abc")
    assert.matches("^HTTP/1.1 200 .*abc$", (client:receive("abc$")))
    client:close()
    -- What is refused is not asked for.
    assert.equal("413", (statuses("POST /raw HTTP/1.1\r\n" .. HOST .. "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n")))
  end)
end)

describe("Every reply", function()
  it("says that it is not to be guessed at, nor kept", function()
    for _, target in ipairs {"/", "/nosuch", "/n/..", "/openapi.json"} do
      local _, _, head = open:ask("GET", target)
      assert.matches("\r\nContent%-Type: application/json\r\n", head)
      assert.matches("\r\nX%-Content%-Type%-Options: nosniff\r\n", head)
      assert.matches("\r\nCache%-Control: no%-store\r\n", head)
    end
  end)
end)
