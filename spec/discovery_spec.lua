-- What a manager tells DISCOVERY_CALLBACK by itself: what is sent, and what URLs and receivers can do to it.
local cjson = require "cjson"
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local server
setup(function() server = http_server.start() end)
teardown(function() server:stop() end)

local PREAMBLE = [[
local discovery, http, URL = require "moontide.manager.discovery", mt.http, %q;
local PORTS = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "32768"}, {HostIp = "::", HostPort = "32768"}}};
local SUMMARY = {container_id = "c0ffee", name = "web-1", status = "running", ports = PORTS, labels = {}, created = 1};
local function notice(url) return {image = "web:1", container = SUMMARY, status = "running", event = "create", url = url} end;
local function notify(url) return discovery.notify(notice(url)) end;
local function show(url) local ok, err = notify(url); print(ok or err.kind, err and err.message) end;
local function raw(text) return URL .. "/raw?" .. text:gsub("[^%%w]", function(c) return ("%%%%%%02X"):format(c:byte()) end) end;
]]

local function preamble() return PREAMBLE:format(server.url):gsub("\n", " ") .. "\n" end

-- What the script prints; it may neither fail nor complain.
local function ask(code, options)
  local result = host.script(preamble() .. code, options)
  assert.equal("", result.err)
  assert.equal(0, result.code)
  return (result.out:gsub("127%.0%.0%.1:" .. server.port, "SERVER"))
end

-- The same with other files of the machine: {[path] = file}.
local function ask_with(files, code)
  local script, mounts = host.file(preamble() .. code, ".lua"), {}
  for path, file in pairs(files) do mounts[#mounts + 1] = ("mount --bind %s %s && "):format(file, path) end
  local result = host.shell(("unshare --mount sh -c '%sexec %s %s'"):format(
    table.concat(mounts), host.binary, script))
  os.remove(script)
  assert.equal("", result.err)
  return result.out
end

-- What the receiver got since it was last asked: {head =, body =}.
local function posts()
  local list = {}
  local text = host.script(("io.write(mt.http.get(%q).body)"):format(server.url .. "/posts")).out
  for request in text:gmatch("[^%z]+") do
    local head, body = request:match("^(.-\r\n\r\n)(.*)$")
    list[#list + 1] = {head = head, body = body}
  end
  return list
end

-- Rows of {URL as Lua, kind, message}, and how many posts the receiver gets of each.
local function fail(count, rows)
  local calls, expected = {"http.get(URL .. '/posts')"}, {}
  for _, row in ipairs(rows) do
    calls[#calls + 1] = ("show(%s) print(#http.get(URL .. '/posts').body > 0 and 1 or 0)"):format(row[1])
    expected[#expected + 1] = ("%s\t%s\n%d\n"):format(row[2], row[3], count)
  end
  assert.equal(table.concat(expected), ask(table.concat(calls, "\n")))
end

describe("The callback's URL", function()
  for text, record in pairs {
    ["nil"] = "{env = {}}", ["http://a/"] = '{env = {DISCOVERY_CALLBACK = "http://a/", OTHER = "b"}}',
    ["nil "] = '{env = {DISCOVERY_CALLBACK = ""}}', ["nil  "] = "nil", ["nil   "] = "{}",
  } do
    it(("of %s is %s"):format(record, text), function()
      assert.equal(text:gsub(" *$", "\n"), ask(("print(discovery.callback_url(%s))"):format(record)))
    end)
  end
end)

describe("The payload", function()
  it("is what a receiver needs, and nothing else", function()
    posts()
    assert.equal("true\tnil\n", ask 'show(URL .. "/body/0")')
    local sent = posts()
    assert.equal(1, #sent)
    assert.matches("^POST /body/0 HTTP/1.1\r\n", sent[1].head)
    assert.matches("\r\nContent%-Type: application/json\r\n", sent[1].head)
    assert.is_nil(sent[1].head:find("Authorization"))
    assert.same({
      image = "web:1", container_id = "c0ffee", name = "web-1", status = "running", event = "create",
      host = host.shell("uname -n").out:gsub("\n", ""),
      ports = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "32768"}, {HostIp = "::", HostPort = "32768"}}},
    }, cjson.decode(sent[1].body))
    assert.matches('"HostPort":"32768"', sent[1].body, 1, true)
  end)

  it("has an object for ports also when there are none", function()
    posts()
    ask [[
      SUMMARY.ports = {}
      notify(URL .. "/body/0")
      SUMMARY.ports = nil
      notify(URL .. "/body/0")]]
    local sent = posts()
    assert.matches('"ports":{}', sent[1].body, 1, true)
    assert.matches('"ports":{}', sent[2].body, 1, true)
  end)

  it("survives any text", function()
    posts()
    assert.equal("true\tnil\n", ask [[
      SUMMARY.name = 'a"b\\c\n\0é\r\nX-Injected: 1'
      show(URL .. "/body/0")]])
    local request = posts()
    assert.equal('a"b\\c\n\0é\r\nX-Injected: 1', cjson.decode(request[1].body).name)
    assert.is_nil(request[1].head:find("Injected"))
  end)

  it("names the host where the ports are reached", function()
    local name = host.shell("uname -n").out
    local calls, names = {}, {}
    for engine, expected in pairs {
      ["tcp://10.0.0.5:2376"] = "10.0.0.5\n", ["tcp://engine-1.example.org"] = "engine-1.example.org\n",
      ["tcp://[fd00::5]:2376"] = "fd00::5\n", ["ssh://me@build-1:2222"] = "build-1\n", ["ssh://build-1/run/d.sock"] = "build-1\n",
      ["unix:///run/docker.sock"] = name, ["injected"] = name, [""] = name, ["tcp://"] = name,
    } do
      calls[#calls + 1] = ("print(discovery.payload({container = SUMMARY, engine = %q}).host)"):format(engine)
      names[#names + 1] = expected
    end
    assert.equal(table.concat(names), ask(table.concat(calls, "\n")))
  end)

  it("is pure: the notice stays as it was", function()
    assert.equal("true\tfalse\n", ask [[
      local one = notice(URL)
      local before = mt.json.encode(one)
      print(before == mt.json.encode(one), mt.json.encode(discovery.payload(one)) == before)]])
  end)

  it("raises for what is no JSON, the caller's mistake", function()
    assert.matches("^false\t[^\n]*manager.notify_discovery: the container cannot be written as JSON", ask [[
      SUMMARY.ports = {["80/tcp"] = print}
      print(pcall(notify, URL .. "/body/0"))]])
  end)
end)

describe("A URL", function()
  -- Rows of {URL, how it is shown}.
  local function refused(why, rows)
    local list = {}
    for i, row in ipairs(rows) do
      if type(row) == "string" then row = {row, row} end
      list[i] = {("%q"):format(row[1]), "invalid", ('"%s" is no URL for a callback: %s'):format(row[2], why)}
    end
    fail(0, list)
  end

  it("is of http or https", function()
    refused('only http and https are allowed: "http://HOST:PORT/PATH"', {
      "file:///etc/passwd", "gopher://127.0.0.1:70/_x", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/stat", "",
      "javascript:alert(1)", "127.0.0.1:80", "/etc/passwd", "unix:///run/docker.sock", "http:/127.0.0.1", "//127.0.0.1/",
      "FILE:///etc/passwd", "httpx://127.0.0.1",
    })
  end)

  it("has a host, and a port that there can be", function()
    refused("it has no host", {"http://", "http:///x", "http://:80/", "http://[::1", "http://[]/"})
    refused("its port must be a number from 1 to 65535", {
      "http://h:0", "http://h:65536", "http://h:123456", "http://h:x", "http://h:-1", "http://h:80:81", "http://h:",
    })
  end)

  it("has nothing in it that could be a second line, or read in two ways", function()
    refused("it has a blank, a backslash or a control character in it: write it as %20 and the like", {
      "http://h/a b", {"http://h/ HTTP/1.1\r\nX-A: 1", "http://h/ HTTP/1.1\\x0d\\x0aX-A: 1"},
      {"http://h\\@169.254.169.254/", "http://...@169.254.169.254/"}, {"http://h/\0", "http://h/\\x00"},
    })
  end)

  it("has no password", function()
    refused("a name and a password in it are refused: they would be seen in every log; use a token in the query", {
      {"http://me:hidden@h/a", "http://...@h/a"}, {"https://hidden@h/a?b#c", "https://...@h/a"},
      {"http://me@hidden@h", "http://...@h"},
    })
  end)

  it("is text", function()
    fail(0, {{"nil", "invalid", "the callback's URL must be text"}, {"{}", "invalid", "the callback's URL must be text"}})
  end)

  it("leads to no link-local address, however it is written", function()
    local out = ask [[
      for _, address in ipairs {
        "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[fe80::1]",
      } do
        show("http://" .. address .. "/latest/meta-data?token=hidden")
      end]]
    local _, count = out:gsub("denied\tcannot connect to http://[^ ]+: [0-9a-f:.]+ is a link%-local address; ", "")
    assert.equal(6, count)
    assert.is_nil(out:find("hidden", 1, true))
  end)

  it("leads there by no name: looked at when the connection is made", function()
    local hosts = host.file "169.254.169.254 metadata.example.org\n"
    local out = ask_with({["/etc/hosts"] = hosts}, 'show("http://metadata.example.org/")')
    os.remove(hosts)
    assert.matches("^denied\tcannot connect to http://metadata.example.org: 169.254.169.254 is a link%-local", out)
  end)

  it("may lead to this machine, in capitals, with a fragment", function()
    posts()
    assert.equal("true\tnil\ntrue\tnil\n", ask [[
      show((URL:gsub("http", "HTTP"):gsub("127.0.0.1", "localhost")) .. "/body/0")
      show((URL:gsub("127.0.0.1", "2130706433")) .. "/body/0?a=b#part")]])
    local sent = posts()
    assert.matches("^POST /body/0%?a=b HTTP", sent[2].head)
  end)

  it("is asked by no proxy", function()
    posts()
    local env = {http_proxy = server.url, all_proxy = server.url, no_proxy = false, NO_PROXY = false}
    assert.matches("^transport\tcannot connect to http://127.0.0.1:1: Connection refused; is the server running%?\n",
      ask('show("http://127.0.0.1:1/")', {env = env}))
    assert.equal(0, #posts())
  end)
end)

describe("A receiver", function()
  local function reply(text) return ("raw %q"):format(text) end

  it("that answers 2xx has heard it, whatever it says", function()
    posts()
    local calls = {}
    for i, status in ipairs {"200 A", "201 A", "202 A", "204 A", "299 A", "200 OK\r\nContent-Length: 9\r\n\r\ncut"} do
      calls[i] = ("show(%s)"):format(reply("HTTP/1.1 " .. status .. "\r\n\r\n"))
    end
    assert.equal(("true\tnil\n"):rep(6), ask(table.concat(calls, "\n")))
    assert.equal(6, #posts())
  end)

  it("that answers otherwise has not", function()
    local rows = {}
    for i, row in ipairs {
      {500, "transport"}, {"503 No\r\nRetry-After: 1", "transport", 503}, {404, "invalid"}, {410, "invalid"},
    } do
      rows[i] = {reply(("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"):format(row[1])), row[2],
        ("http://SERVER/raw answered with status %d, not with 2xx: see the receiver's log"):format(row[3] or row[1])}
    end
    fail(1, rows)
    assert.equal("410\tmanager.notify_discovery\n", ask(
      ("local _, err = notify(%s) print(err.status, err.op)"):format(reply "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")))
  end)

  it("that sends us elsewhere is not followed, and where to is said", function()
    local rows = {}
    local function row(status, head, shown)
      rows[#rows + 1] = {reply(("HTTP/1.1 %d There\r\n%s\r\nContent-Length: 0\r\n\r\n"):format(status, head)), "denied",
        ("http://SERVER/raw redirects to %s (status %d), and redirects are not followed: set "
          .. "DISCOVERY_CALLBACK to where the receiver is"):format(shown, status)}
    end
    for location, shown in pairs {
      ["file:///etc/passwd"] = "file:///etc/passwd", ["http://169.254.169.254/a?token=hidden"] = "http://169.254.169.254/a",
      [server.url .. "/body/0"] = "http://SERVER/body/0", ["/body/0"] = "/body/0", ["a\27[2J"] = "a\\x1b[2J",
      ["http://me:hidden@h/"] = "http://...@h/", [("x"):rep(300)] = ("x"):rep(200) .. "...",
    } do
      row(301, "Location: " .. location, shown)
      row(308, "Location: " .. location, shown)
    end
    row(304, "Server: one", "nowhere")
    fail(1, rows)
  end)

  it("that hangs costs two seconds", function()
    posts()
    assert.equal("timeout\tno complete reply from http://SERVER within 2 s; raise the timeout, or see what keeps it busy\ntrue\n",
      ask [[
        local before = mt.monotonic()
        show(URL .. "/silent/1?token=hidden")
        local took = mt.monotonic() - before
        print(took >= 1.9 and took < 2.5)]])
    assert.equal(1, #posts())
  end)

  it("that answers with a gigabyte is not listened to", function()
    posts()
    local megabytes = ask([[
      show(URL .. "/endless")
      print(mt.http.get(URL .. "/sent").body)]]):match "^true\tnil\n(%d+)\n$"
    assert.is_true(tonumber(megabytes) < 100, megabytes)
    assert.equal(1, #posts())
  end)

  it("that breaks off is asked once", function()
    local rest = "; the request may have been carried out: look before you repeat it"
    fail(1, {
      {'URL .. "/reset?token=hidden"', "transport",
        "lost the reply of http://SERVER: Recv failure: Connection reset by peer" .. rest},
      {'URL .. "/raw?"', "transport",
        "lost the reply of http://SERVER: Empty reply from server" .. rest .. "; if it speaks TLS, use https://"},
      {reply "HTTP/1.1 200 OK\r\nContent-", "transport", "lost the reply of http://SERVER: its headers are cut off" .. rest},
      {reply "hello", "transport", "got no valid HTTP from http://SERVER: its reply does not begin with a status of HTTP/1; "
        .. "check the address; if it speaks TLS, use https://"},
    })
  end)

  it("that is not there is named", function()
    fail(0, {
      {'"http://127.0.0.1:1/?token=hidden"', "transport",
        "cannot connect to http://127.0.0.1:1: Connection refused; is the server running?"},
      {'"http://nobody.invalid/"', "transport", "cannot connect to http://nobody.invalid: Could not resolve host: "
        .. "nobody.invalid; check the name, and this machine's DNS"},
    })
  end)

  it("has 16 requests at once and hears all of a hundred", function()
    posts()
    assert.equal("100\n", ask [[
      local list = {}
      for i = 1, 100 do list[i] = URL .. "/body/0" end
      print(#mt.map(list, function(url) return assert(notify(url)) end))]])
    assert.equal(100, #posts())
  end)
end)

describe("A receiver's certificate", function()
  local files, good, expired, elsewhere

  setup(function()
    files = http_server.certificates()
    good, expired = http_server.start_tls(files, "server"), http_server.start_tls(files, "expired")
    elsewhere = http_server.start_tls(files, "elsewhere")
  end)

  teardown(function()
    for _, each in ipairs {good, expired, elsewhere} do each:stop() end
    files:remove()
  end)

  -- To a POST these servers have nothing to say: what comes of it is a time-out, after TLS.
  it("is verified: its CA, its date, its name", function()
    local out = ask_with({["/etc/ssl/certs/ca-certificates.crt"] = files.ca}, ([[
      for _, url in ipairs {%q, %q, %q} do show(url) end]]):format(good.url, expired.url, elsewhere.url))
    assert.matches("^timeout\tno complete reply[^\n]*\ntransport\tcannot set up TLS with [^\n]*certificate has expired[^\n]*\n"
      .. "transport\tcannot set up TLS with [^\n]*no alternative certificate subject name[^\n]*\n$", out)
    assert.matches("^transport\t[^\n]*unable to get local issuer certificate", ask(("show(%q)"):format(good.url)))
  end)
end)
