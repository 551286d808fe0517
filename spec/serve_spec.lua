-- mt.http.serve: what handlers are given, and what becomes of what they return.
local cjson = require "cjson"
local host = require "spec.support.host"
local served = require "spec.support.server"

local server

setup(function()
  server = served.start [[
    local function echo(req)
      return {method = req.method, path = req.path, params = req.params, query = req.query, body = req.body,
        json = req.json, kind = req.headers["content-type"], peer = req.peer}
    end
    return {routes = {
      ["GET /"] = function() return "root" end,
      ["GET /echo/{name}"] = echo,
      ["GET /rest/{a}/{rest*}"] = echo,
      ["POST /echo"] = echo,
      ["GET /list"] = function() return mt.json.array() end,
      ["GET /none"] = function() end,
      ["GET /done"] = function() return true end,
      ["GET /made"] = function() return 201, {id = 1}, {Location = "/x"} end,
      ["GET /html"] = function() return 200, "<p>", {["Content-Type"] = "text/html"} end,
      ["GET /empty"] = function() return 404 end,
      ["GET /error"] = function() error("secret detail") end,
      ["GET /bad"] = function() return print end,
      ["POST /inject"] = function(req) return 200, "x", {["X-Name"] = req.body} end,
      ["GET /engine"] = function() return mt.docker.inspect("moontide-no-such") end,
    }}]]
end)
teardown(function() assert.equal(0, (server:stop())) end)

local function json(method, target, headers, body)
  local status, text = server:ask(method, target, headers, body)
  return status, cjson.decode(text)
end

describe("A handler", function()
  it("gets the request in parts", function()
    local status, got = json("GET", "/echo/a%20b%2Fc?x=1&y=a+b%26&x=2")
    assert.same({200, "GET", "/echo/a b/c", "a b/c"}, {status, got.method, got.path, got.params.name})
    assert.same({x = "2", y = "a b&"}, got.query)
    assert.matches("^127%.0%.0%.1:%d+$", got.peer)
    assert.equal("", got.body)
  end)

  it("gets the rest of a path", function()
    local _, got = json("GET", "/rest/1/library/nginx:1.25")
    assert.same({a = "1", rest = "library/nginx:1.25"}, got.params)
  end)

  it("gets JSON decoded, and any body as it came", function()
    local _, got = json("POST", "/echo", "Content-Type: application/json; charset=utf-8\r\n", '{"n": [1, null]}')
    assert.same({'{"n": [1, null]}', {1, cjson.null}}, {got.body, got.json.n})
    _, got = json("POST", "/echo", "Content-Type: text/plain\r\n", "a\0b")
    assert.same({"a\0b", nil, "text/plain"}, {got.body, got.json, got.kind})
  end)
end)

describe("What a handler returns", function()
  local function reply(target)
    local status, body, head = server:ask("GET", target)
    return {status, head:match("\r\nContent%-Type: ([^\r]*)") or "", body}
  end

  it("is the reply", function()
    assert.same({200, "text/plain; charset=utf-8", "root"}, reply("/"))
    assert.same({200, "application/json", "[]"}, reply("/list"))
    assert.same({204, "", ""}, reply("/none"))
    assert.same({204, "", ""}, reply("/done"))
    assert.same({201, "application/json", '{"id":1}'}, reply("/made"))
    assert.same({200, "text/html", "<p>"}, reply("/html"))
    assert.same({404, "", ""}, reply("/empty"))
    local _, _, head = server:ask("GET", "/made")
    assert.matches("\r\nLocation: /x\r\n", head)
  end)

  it("is told in the log, not to the client, when it is an error", function()
    local before = #server:stderr()
    assert.same({500, "application/json", '{"error":"internal error"}'}, reply("/error"))
    assert.same({500, "application/json", '{"error":"internal error"}'}, reply("/bad"))
    local log = server:stderr():sub(before + 1)
    assert.matches("ERROR GET /error: .*secret detail.*traceback", log)
    assert.matches("ERROR GET /bad: .*a handler returns", log)
  end)

  it("cannot add a header of the client's", function()
    local status, body, head = server:ask("POST", "/inject", nil, "a\r\nSet-Cookie: x")
    assert.same({500, '{"error":"internal error"}'}, {status, body})
    assert.not_matches("Set%-Cookie", head)
    assert.equal(200, (server:ask("POST", "/inject", nil, "a")))
  end)

  it("is a status that fits when it is nil and an error", function()
    assert.same(404, (server:ask("GET", "/engine")))
  end)
end)

describe("Options", function()
  local function raised(options)
    local result = host.eval(("select(2, pcall(mt.http.serve, {%s}))"):format(options))
    assert.equal(0, result.code)
    return result.out
  end

  for options, words in pairs {
    [""] = 'option "routes" is missing',
    ["routes = 1"] = 'option "routes" must be a table, got number 1',
    ["routes = {}, port = 1"] = 'unknown option "port"',
    ["routes = {}, addr = 'localhost'"] = 'option "addr" must be "ADDRESS:PORT"',
    ["routes = {}, addr = 'example.org:80'"] = 'option "addr" must be "ADDRESS:PORT"',
    ["routes = {}, addr = '127.0.0.1:65536'"] = 'option "addr" must be "ADDRESS:PORT"',
    ["routes = {}, token = ''"] = 'option "token" must be printable characters',
    ["routes = {}, token = {'x'}"] = 'option "token" must be a string',
    ["routes = {}, hosts = {'a:80'}"] = 'option "hosts" must be a list of names without ports',
    ["routes = {}, hosts = {a = 1}"] = 'option "hosts" must be a list of names',
    ["routes = {}, max_body = '2g'"] = 'option "max_body" must be bytes, or "1m"; at most 1g',
    ["routes = {}, max_body = 'much'"] = 'option "max_body" must be bytes',
    ["routes = {}, max_connections = 0"] = 'option "max_connections" must be from 1 to 10000',
    ["routes = {}, timeout = '1ms'"] = 'option "timeout" must be from 50ms to 1h',
    ["routes = {}, openapi = {titel = 'x'}"] = 'unknown option "openapi.titel" (did you mean "title"?)',
    ["routes = {['GET /'] = 1}"] = 'routes["GET /"] must be a handler, a function, or {handler, ...}; got number 1',
    ["routes = {['GET /'] = {print, boby = {}}}"] = 'unknown option "routes["GET /"].boby" (did you mean "body"?)',
    ["routes = {['GET /'] = {print, body = {a = 'strng'}}}"] =
      'routes["GET /"].body.a: "strng" is no type (did you mean "string"?)',
    ["routes = {['GET /{a}'] = {print, params = {b = 'string'}}}"] = 'route "GET /{a}" has no {b}, which its params name',
    ["routes = {['GET /openapi.json'] = print}, openapi = {path = 'x'}"] = 'route "GET x" must be "METHOD /path"',
  } do
    it("must make sense: " .. words, function()
      local message = raised(options)
      assert.truthy(message:find("http.serve: ", 1, true), message)
      assert.truthy(message:find(words, 1, true), message)
    end)
  end

  it("can name an address that this machine does not have", function()
    local result = host.eval "tostring(select(2, mt.http.serve {addr = '192.0.2.1:0', routes = {}}))"
    assert.same({0, ""}, {result.code, result.err})
    assert.matches("^http.serve: cannot listen on 192.0.2.1 port 0: this machine has no such address; 127.0.0.1", result.out)
  end)

  it("can name an address of IPv6", function()
    local result = host.script [[
      local server = assert(mt.http.serve {addr = "[::1]:0", routes = {["GET /"] = function(req) return req.peer end}})
      print(server.addr)
      print(assert(mt.http.get("http://" .. server.addr .. "/")).body)
      server:close()]]
    assert.same({0, ""}, {result.code, result.err})
    assert.matches("^%[::1%]:%d+\n%[::1%]:%d+\n$", result.out)
  end)

  it("of a query and of what stands in the path are kept", function()
    local one <close> = served.start [[return {routes = {["GET /n/{n}"] = {
      function(req) return {req.params.n + 1, req.query.all} end,
      params = {n = {type = "integer", max = 9}}, query = {all = {type = "boolean", default = false}}}}}]]
    local status, body = one:ask("GET", "/n/1")
    assert.same({200, "[2,false]"}, {status, body})
    assert.same("[2,true]", (select(2, one:ask("GET", "/n/1?all=true"))))
    for target, field in pairs {["/n/10"] = "n", ["/n/x"] = "n", ["/n/1?all=1"] = "all", ["/n/1?al=true"] = "al"} do
      status, body = one:ask("GET", target)
      assert.same({422, field}, {status, cjson.decode(body).field})
    end
    assert.equal(0, (one:stop()))
  end)
end)
