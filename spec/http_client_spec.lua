-- mt.http against a server of the specs' own: what is sent, what comes back, what goes wrong.
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local server

-- On one line, so that the script proper begins at line 2.
local PREAMBLE = [[
local http, URL = mt.http, %q;
local function show(reply, err) print(reply and reply.status or err.kind, reply and reply.body or tostring(err)) end;
local function escape(text) return (text:gsub("[^%%w]", function(c) return ("%%%%%%02X"):format(c:byte()) end)) end;
local function raw(text) return http.get(URL .. "/raw?" .. escape(text)) end;
]]

-- What the script prints; it may neither fail nor complain.
local function ask(code, options)
  local result = host.script(PREAMBLE:format(server.url):gsub("\n", " ") .. "\n" .. code, options)
  assert.equal("", result.err)
  assert.equal(0, result.code)
  return result.out
end

local function lines(text)
  local list = {}
  for line in text:gmatch("(.-)\n") do list[#list + 1] = line end
  return list
end

-- How text with the server's address and nothing else that varies reads.
local function expect(text, code, options)
  assert.equal(text, (ask(code, options):gsub("127%.0%.0%.1:" .. server.port, "SERVER")))
end

setup(function() server = http_server.start() end)
teardown(function() server:stop() end)

describe("mt.http", function()
  it("sends each method as it is called", function()
    local sent = lines(ask [[
      for _, name in ipairs {"get", "post", "put", "patch", "delete"} do
        print((http[name](URL .. "/echo").body:match("^[^\r]*")))
      end
      local reply = http.head(URL .. "/body/10")
      print(reply.status, reply.headers["content-length"], #reply.body)]])
    assert.same({
      "GET /echo HTTP/1.1", "POST /echo HTTP/1.1", "PUT /echo HTTP/1.1", "PATCH /echo HTTP/1.1",
      "DELETE /echo HTTP/1.1", "200\t10\t0",
    }, sent)
  end)

  it("sends the path and the query, and not the fragment", function()
    assert.equal("GET /echo/%20?q=%C3%A4&r=1 HTTP/1.1\n", ask [[
      print((http.get(URL .. "/echo/%20?q=%C3%A4&r=1#part").body:match("^[^\r]*")))]])
  end)

  it("sends headers, and no others than it must", function()
    expect("GET /echo HTTP/1.1|Host: SERVER|Accept: */*|X-A: 1|X-B: two words|X-Empty:||\n", [[
      local reply = http.get(URL .. "/echo", {headers = {["X-A"] = 1, ["X-B"] = "two words", ["X-Empty"] = ""}})
      print((reply.body:gsub("\r\n", "|")))]])
    expect("POST /echo HTTP/1.1|Host: other|Accept: */*|Content-Type: text/plain|Content-Length: 2||hi\n", [[
      local reply = http.post(URL .. "/echo", {body = "hi", headers = {Host = "other", ["content-type"] = "text/plain"}})
      print((reply.body:gsub("\r\n", "|"):gsub("content%-type", "Content-Type")))]])
  end)

  it("says nothing of a body's type when the caller does not", function()
    expect("POST /echo HTTP/1.1|Host: SERVER|Accept: */*|Content-Length: 2||hi\n", [[
      print((http.post(URL .. "/echo", {body = "hi"}).body:gsub("\r\n", "|")))]])
  end)

  it("sends bodies as they are: binary, empty, of a megabyte", function()
    assert.equal("true\ntrue\ntrue\ntrue\n", ask [[
      local all = {}
      for byte = 0, 255 do all[#all + 1] = string.char(byte) end
      all = table.concat(all)
      for _, body in ipairs {all, "", all:rep(4096)} do
        local head, sent = http.post(URL .. "/echo", {body = body}).body:match("^(.-)\r\n\r\n(.*)$")
        print(sent == body and head:find("Content-Length: " .. #body, 1, true) ~= nil)
      end
      print(http.get(URL .. "/echo", {body = "with a body"}).body:sub(-11) == "with a body")]])
  end)

  it("returns bodies as they are: binary, empty, of a megabyte", function()
    assert.equal("0\ttrue\n256\ttrue\n1048576\ttrue\n", ask [[
      for _, size in ipairs {0, 256, 1048576} do
        local body = http.get(URL .. "/body/" .. size).body
        local good = true
        for at = 1, #body, 4099 do good = good and body:byte(at) == (at - 1) % 256 end
        print(#body, good)
      end]])
  end)

  it("returns any status", function()
    assert.equal("204\t\n404\tno\n500\tno\n999\tno\n", ask [[
      show(raw "HTTP/1.1 204 No Content\r\n\r\n")
      for _, status in ipairs {404, 500, 999} do
        show(raw("HTTP/1.1 " .. status .. " Any: thing\r\nContent-Length: 2\r\n\r\nno"))
      end]])
  end)

  it("returns the headers: names in lower case, repeated ones joined, nothing else", function()
    assert.equal('{"content-length":"0","x-empty":"","x-fold":"one","x-list":"a, b, c=d; e"}\n', ask [[
      local reply = raw("HTTP/1.1 200 Not: a header\r\nX-LIST: a\r\nx-list:b\r\nX-List: \t c=d; e \r\n"
        .. "X-Empty:\r\nX-Fold: one\r\n two: three\r\nContent-Length: 0\r\n\r\n")
      print(mt.json.encode(reply.headers))]])
  end)

  it("returns the reply behind 100 Continue, and a chunked one whole", function()
    assert.equal("200\tabcde\n", ask [[
      show(raw("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))]])
  end)

  it("does not follow a redirect", function()
    assert.equal("302\thttp://127.0.0.1:1/\n", ask [[
      local reply = raw "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
      print(reply.status, reply.headers.location)]])
  end)

  it("sends the name and password of the URL, and shows them nowhere", function()
    local out = ask [[
      print(http.get((URL:gsub("//", "//me:pass@")) .. "/echo").body:match("Authorization: [^\r]*"))
      show(http.get "http://me:pass@127.0.0.1:1/?token=pass")
      print(pcall(http.get, "ftp://me:pass@h/?token=pass"))
      print(pcall(http.get, "me:pass@h"))]]
    assert.matches("^Authorization: Basic bWU6cGFzcw==\n", out) -- me:pass
    assert.is_nil(out:find("pass", 1, true))
    assert.matches('got "%.%.%.@h"', out)
  end)

  it("uses a connection again", function()
    assert.equal("true\n", ask [[
      local before = tonumber(http.get(URL .. "/connections").body)
      for _ = 1, 5 do http.get(URL .. "/echo") end
      print(tonumber(http.get(URL .. "/connections").body) == before)]])
  end)

  it("makes requests at the same time", function()
    assert.equal("8 8 8 8 8 8 8 8\n", ask [[
      local list = {}
      for i = 1, 8 do list[i] = URL .. "/together/8" end
      print(table.concat(mt.map(list, function(url) return http.get(url).body end), " "))]])
  end)

  it("has a queue for each server: one that hangs keeps no other waiting", function()
    local other = http_server.start()
    local out = ask(([[
      for i = 1, 40 do mt.spawn(http.get, URL .. "/silent/1000") end
      mt.sleep(0)
      show(http.get(%q .. "/body/0", {timeout = 10}))
      show(http.get(URL .. "/body/0", {timeout = 0.2}))
      os.exit(0)]]):format(other.url))
    other:stop()
    assert.matches("^200\t\n"
      .. "timeout\thttp%.get: no complete reply from http://127%.0%.0%.1:%d+ within 0%.2 s; "
      .. "the request was still queued behind", out)
  end)

  it("leaks no descriptor", function()
    assert.equal("true\n", ask [[
      local function descriptors()
        local pipe = io.popen("ls /proc/$PPID/fd")
        local _, count = pipe:read("a"):gsub("\n", "")
        pipe:close()
        return count
      end
      local list = {}
      for i = 1, 10 do list[i] = i end
      local function round()
        mt.map(list, function(i)
          if i == 1 then return mt.timeout(0.01, function() http.get(URL .. "/silent/2000") end) end
          if i == 2 then return http.get(URL .. "/silent/2000", {timeout = "10ms"}) end
          if i == 3 then return http.get "http://127.0.0.1:1/" end
          if i == 4 then return raw "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab" end
          if i == 5 then return http.get(URL .. "/body/100000", {max_body = 10}) end
          return http.get(URL .. "/body/1000")
        end)
      end
      for _ = 1, 3 do round() end
      -- As many connections as a round can have, all at once, so that no round has a new one to keep.
      mt.map(list, function() return http.get(URL .. "/together/10") end)
      local before = descriptors()
      for _ = 1, 20 do round() end
      print(descriptors() <= before)]])
  end)
end)

describe("A request to nobody: mt.http", function()
  it("says that the connection was refused", function()
    expect("transport\thttp.get: cannot connect to http://127.0.0.1:1: Connection refused; is the server running?\n",
      [[show(http.get "http://127.0.0.1:1/path?token=x")]])
  end)

  it("says that a name is unknown", function()
    local name = ("x"):rep(64) .. ".invalid" -- known to be none without a question to a server
    expect(("transport\thttp.put: cannot connect to http://%s: Could not resolve host: %s; "
      .. "check the name, and this machine's DNS\n"):format(name, name), ("show(http.put 'http://%s/')"):format(name))
  end)

  it("goes through the proxy of the environment", function()
    local code = [[local reply, err = http.get "http://example.invalid/echo?x"
      print(reply and reply.body:match("^[^\r]*") or err)]]
    expect("GET http://example.invalid/echo?x HTTP/1.1\n", code, {env = {http_proxy = server.url}})
    expect("http.get: cannot connect to http://example.invalid: Connection refused; "
      .. "is the server running, and the proxy of $http_proxy?\n", code, {env = {http_proxy = "http://127.0.0.1:1"}})
    expect("200\t\n", [[show(http.get(URL .. "/body/0"))]], {env = {http_proxy = "http://127.0.0.1:1", no_proxy = "127.0.0.1"}})
  end)
end)

describe("A reply that does not end well: mt.http", function()
  it("gives up after the timeout, which takes any duration", function()
    expect(("timeout\thttp.get: no complete reply from http://SERVER within %s s; "
        .. "raise the timeout, or see what keeps it busy\n"):rep(2):format("1", "0.5"), [[
      show(http.get(URL .. "/silent/1", {timeout = "1000ms"}))
      show(http.get(URL .. "/silent/1", {timeout = 0.5}))]])
  end)

  it("closes the connection when it is cancelled", function()
    assert.equal("timeout\tgone\ngone\n", ask [[
      local function asked(number) return http.get(URL .. "/asked/" .. number).body == "true" end
      local seconds, err = 0.02, nil
      repeat
        seconds = 2 * seconds
        err = select(2, mt.timeout(seconds, http.get, URL .. "/silent/2"))
      until asked(2)
      print(err.kind, http.get(URL .. "/gone/2").body)
      local task = mt.spawn(http.get, URL .. "/silent/3")
      repeat until asked(3)
      task:cancel()
      print(http.get(URL .. "/gone/3").body)]])
  end)

  it("keeps no more of a body than max_body", function()
    expect("200\t10\ntransport\thttp.get: cannot keep the reply of http://SERVER: its body is more than the 9 bytes "
      .. "accepted; ask for less, or raise the limit\n200\t\n200\t5\n", [[
      local reply = http.get(URL .. "/body/10", {max_body = 10})
      print(reply.status, #reply.body)
      show(http.get(URL .. "/body/10", {max_body = 9}))
      show(http.get(URL .. "/body/0", {max_body = 0}))
      print(200, #http.get(URL .. "/body/5").body)]])
  end)

  it("keeps no more than 16 MiB when nothing is said", function()
    expect("16777216\ntransport\thttp.get: cannot keep the reply of http://SERVER: its body is more than the 16777216 bytes "
      .. "accepted; ask for less, or raise the limit\n", [[
      print(#http.get(URL .. "/body/16777216").body)
      show(http.get(URL .. "/body/16777217"))]])
  end)

  it("runs out of the script's memory, and goes on", function()
    assert.equal("false\tnot enough memory\n200\t5\n", ask([[
      print(pcall(http.get, URL .. "/body/16000000"))
      print(200, #http.get(URL .. "/body/5").body)]], {before = {"--memory-limit", "8m"}}))
  end)

  it("keeps no megabyte of headers", function()
    expect("transport\thttp.get: cannot keep the reply of http://SERVER: its headers are more than the 65536 bytes "
      .. "accepted; ask for less, or raise the limit\n200\t\n", [[
      show(http.get(URL .. "/headers/1000000"))
      show(http.get(URL .. "/headers/50000"))]])
  end)

  it("takes no half of one for a whole", function()
    local lost = "^transport\thttp%%.get: lost the reply of http://[%%d.:]+: %s; "
      .. "the request may have been carried out: look before you repeat it"
    for text, words in pairs {
      ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"] = ".*3 bytes remaining.*",
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"] = ".*",
      ["HTTP/1.1 200 OK\r\nContent-Le"] = ".*",
      ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"] = "its headers are cut off",
      [""] = "Empty reply from server",
    } do
      assert.matches(lost:format(words), ask(("show(raw(%q))"):format(text)))
    end
  end)

  it("takes nothing else for HTTP", function()
    for text, words in pairs {
      ["220 smtp.example ESMTP\r\n"] = "its reply does not begin with a status of HTTP/1",
      ["\0\1\2\27[31m\r\n\r\n"] = "its reply does not begin with a status of HTTP/1",
      ["HTTP/1.1 two hundred\r\n\r\n"] = ".*",
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"] = "it has two different Content%-Length",
      ["HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"] = ".*",
    } do
      assert.matches("^transport\thttp%.get: got no valid HTTP from http://[%d.:]+: " .. words
        .. "; check the address; if it speaks TLS, use https://\n$", ask(("show(raw(%q))"):format(text)))
    end
  end)
end)

describe("A caller's mistake: mt.http", function()
  local cases, outcome = {}, {}

  -- One process for all of them: a case is a line of it.
  setup(function()
    local code = {}
    for i, case in ipairs(cases) do code[i] = ("print(pcall(function() local _ = %s end))"):format(case.call) end
    outcome = lines(ask(table.concat(code, "\n")))
  end)

  local function raises(call, text)
    local number = #cases + 1
    cases[number] = {call = call}
    it("raises for " .. call:gsub("[^ -~]", "?"), function()
      local line, message = (outcome[number] or ""):match("^false\t/[^:]*%.lua:(%d+): (.*)$")
      assert.same({tostring(number + 1), text}, {line, message})
    end)
  end

  local WRITTEN = 'headers are written {["Content-Type"] = "text/plain"}'
  local MUST = 'the URL must begin with "http://" or "https://", a host and perhaps a port, got '

  for url, shown in pairs {
    ["file:///etc/passwd"] = "file:///etc/passwd", ["ftp://h/"] = "ftp://h/", ["gopher://h/"] = "gopher://h/",
    ["htt://h/"] = "htt://h/", ["httpx://h/"] = "httpx://h/", ["http:/h/"] = "http:/h/", ["http://"] = "http://",
    ["http:///path"] = "http:///path", ["http://:80/"] = "http://:80/",
    ["https://?q"] = "https://", ["http://me@/"] = "...@/", ["localhost:80/"] = "localhost:80/", [""] = "",
    ["http://h:port/"] = "http://h:port/", ["http://h:65536/"] = "http://h:65536/", ["http://h:0/"] = "http://h:0/",
    ["http://[::1/"] = "http://[::1/", ["http://a:b:c/"] = "http://a:b:c/", [" http://h/"] = false,
    ["http://h/a b"] = false, ["http://h/\0"] = false, ["http://h/\r\nX: 1"] = false, ["http://h\t/"] = false,
  } do
    raises('http.get("' .. url:gsub("%c", function(c) return ("\\x%02x"):format(c:byte()) end) .. '")', "http.get: "
      .. (shown and MUST .. '"' .. shown .. '"'
        or "the URL has a blank or a control character in it: write it as %20 and the like"))
  end

  for call, text in pairs {
    ["http.get()"] = 'http.get: argument "url" must be a string, got nil',
    ["http.get(URL, 5)"] = "http.get: options must be a table, got number 5",
    ["http.get(URL, {heders = {}})"] = 'http.get: unknown option "heders" (did you mean "headers"?)',
    ["http.post(URL, {body = {}})"] = 'http.post: option "body" must be a string, got table',
    ["http.get(URL, {timeout = '1 fortnight'})"] =
      'http.get: option "timeout" must be a duration (seconds, or "250ms", "5m", "1h30m"), got string "1 fortnight"',
    ["http.get(URL, {timeout = -1})"] =
      'http.get: option "timeout" must be a duration (seconds, or "250ms", "5m", "1h30m"), got number -1',
    ["http.get(URL, {max_body = -1})"] = 'http.get: option "max_body" must not be negative',
    ["http.get(URL, {max_body = 1.5})"] = 'http.get: option "max_body" must be a whole number, got number 1.5',
    ["http.get(URL, {headers = {['X-A'] = 'a\\r\\nX-B: 1'}})"] =
      'http.get: the value of header "X-A" has a line break or NUL',
    ["http.get(URL, {headers = {['X-A'] = 'a\\nb'}})"] = 'http.get: the value of header "X-A" has a line break or NUL',
    ["http.get(URL, {headers = {['X-A'] = 'a\\0'}})"] = 'http.get: the value of header "X-A" has a line break or NUL',
    ["http.get(URL, {headers = {['X-A'] = {}}})"] =
      'http.get: the value of header "X-A" must be a string or a number, got a table',
    ["http.get(URL, {headers = {['X-A: 1\\r\\nX-B'] = 'a'}})"] =
      "http.get: X-A: 1\\x0d\\x0aX-B is not a header's name; " .. WRITTEN,
    ["http.get(URL, {headers = {'X-A: 1'}})"] = "http.get: 1 is not a header's name; " .. WRITTEN,
    ["http.post(URL, {body = 'abc', headers = {['content-length'] = 1}})"] =
      'http.post: header "content-length" follows from the body; leave it out',
    ["http.post(URL, {body = 'abc', headers = {['Transfer-Encoding'] = 'chunked'}})"] =
      'http.post: header "Transfer-Encoding" follows from the body; leave it out',
    ["http.get(URL, {ca_file = ''})"] = 'http.get: option "ca_file" must be a path',
    ["http.get(URL, {cert_file = 'a\\0b'})"] = 'http.get: option "cert_file" must be a path',
    ["http.get(URL, {key_file = 'key.pem'})"] = 'http.get: option "key_file" needs option "cert_file" too',
  } do
    raises(call, text)
  end

  it("ends the script with its line", function()
    local result = host.script('\nmt.http.get("ftp://h/")\nprint "not reached"')
    assert.same({4, ""}, {result.code, result.out})
    assert.matches("^moontide: /[^\n]*%.lua:2: http%.get: the URL must begin", result.err)
  end)

  it("sends nothing for any of them", function()
    assert.equal("true\n", ask [[
      local before = tonumber(http.get(URL .. "/connections").body)
      pcall(http.get, URL .. "/echo", {headers = {["X-A"] = "a\r\nb"}})
      pcall(http.get, URL .. "/echo\r\n")
      print(tonumber(http.get(URL .. "/connections").body) == before)]])
  end)
end)

describe("mt.http over TLS", function()
  local files, good, expired, strict

  setup(function()
    files = http_server.certificates()
    good = http_server.start_tls(files, "server")
    expired = http_server.start_tls(files, "expired")
    strict = http_server.start_tls(files, "server", true)
  end)

  teardown(function()
    for _, each in ipairs {good, expired, strict} do each:stop() end
    files:remove()
  end)

  -- A GET with these options: "200", or the error.
  local function get(url, options)
    local given = {}
    for name, path in pairs(options or {}) do given[#given + 1] = ("%s = %q"):format(name, path) end
    local out = ask(("local reply, err = http.get(%q, {%s}) print(reply and reply.status or err)"):format(
      url, table.concat(given, ", ")))
    return (out:gsub("\n$", ""):gsub(":%d%d%d%d%d?", ":PORT"))
  end

  local function refuses(start, rest, ...)
    assert.equal("http.get: cannot set up TLS with https://localhost:PORT: " .. start .. "; " .. rest, get(...))
  end

  it("trusts the CA that it is given", function()
    assert.equal("200", get(good.url, {ca_file = files.ca}))
  end)

  it("trusts no other", function()
    refuses("SSL certificate problem: unable to get local issuer certificate",
      "give the certificate of its CA: ca_file, for an engine ca.pem in cert_path", good.url)
    refuses("SSL certificate problem: unable to get local issuer certificate",
      "give the certificate of its CA: ca_file, for an engine ca.pem in cert_path", good.url, {ca_file = files.other})
  end)

  it("forgets a CA with the request that had it", function()
    assert.equal("200\ntransport\n200\n", ask(([[
      local url, ca_file = %q, %q
      for _, options in ipairs {{ca_file = ca_file}, {}, {ca_file = ca_file}} do
        local reply, err = http.get(url, options)
        print(reply and reply.status or err.kind)
      end]]):format(good.url, files.ca)))
  end)

  it("wants the name that is in the certificate", function()
    local url = good.url:gsub("localhost", "127.0.0.1")
    assert.equal("http.get: cannot set up TLS with https://127.0.0.1:PORT: SSL: no alternative certificate subject name "
      .. "matches target host name '127.0.0.1'; use a name that its certificate is for", get(url, {ca_file = files.ca}))
  end)

  it("wants a certificate that is valid today", function()
    refuses("SSL certificate problem: certificate has expired",
      "its certificate has to be renewed, unless this machine's clock is wrong", expired.url, {ca_file = files.ca})
  end)

  it("names a file of CAs that it cannot use", function()
    local rest = "check that the file is there and holds certificates in PEM"
    refuses("error setting certificate file: /nosuch/ca.pem", rest, good.url, {ca_file = "/nosuch/ca.pem"})
    refuses("error setting certificate file: " .. files.key, rest, good.url, {ca_file = files.key})
  end)

  it("shows a client certificate", function()
    assert.equal("200", get(strict.url, {ca_file = files.ca, cert_file = files.cert, key_file = files.key}))
  end)

  it("says that a client certificate is wanted", function()
    assert.matches("^http%.get: cannot set up TLS with https://localhost:PORT: .*certificate required.*; "
      .. "show it a client certificate: cert_file and key_file, for an engine cert_path$",
      get(strict.url, {ca_file = files.ca}))
  end)

  it("names a client certificate or key that it cannot use", function()
    local options = {ca_file = files.ca, cert_file = "/nosuch/cert.pem", key_file = files.key}
    assert.matches("^http%.get: cannot set up TLS with https://localhost:PORT: could not load PEM client certificate "
      .. "from /nosuch/cert%.pem, .*No such file.*; check the client certificate and its key$", get(strict.url, options))
    options.cert_file, options.key_file = files.cert, "/nosuch/key.pem"
    refuses("unable to set private key file: '/nosuch/key.pem' type PEM", "check the client certificate and its key",
      strict.url, options)
  end)

  it("says so when only one end speaks TLS", function()
    local url = server.url:gsub("http:", "https:")
    assert.equal("http.get: cannot connect to https://127.0.0.1:PORT within 0.1 s; is the server running, and does it speak TLS?",
      get(url, {timeout = "100ms"}))
    assert.matches("^http%.get: cannot set up TLS with https://localhost:PORT: .*; if it does not speak TLS, use http://; "
      .. "for an engine, leave out DOCKER_TLS_VERIFY$",
      get((url:gsub("127%.0%.0%.1", "localhost"))))
    url = good.url:gsub("https:", "http:")
    assert.matches("^http%.get: lost the reply of http://localhost:PORT: Empty reply from server; .*; "
      .. "if it speaks TLS, use https://$", get(url))
  end)
end)
