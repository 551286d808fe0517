-- mt.http with deny_link_local and ignore_body: for URLs that come from others.
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local server
setup(function() server = http_server.start() end)
teardown(function() server:stop() end)

-- What the script prints; it may neither fail nor complain.
local function ask(code, options)
  local result = host.script(("local http, URL, PORT = mt.http, %q, %q\n"):format(server.url, server.port) .. code, options)
  assert.equal("", result.err)
  assert.equal(0, result.code)
  return result.out
end

-- In a mount namespace of its own, where those lines are all of /etc/hosts.
local function ask_with_hosts(hosts, code)
  local script = host.file(("local http, URL, PORT = mt.http, %q, %q\n"):format(server.url, server.port) .. code, ".lua")
  local file = host.file(hosts)
  local result = host.shell(("unshare --mount sh -c 'mount --bind %s /etc/hosts && exec %s %s'"):format(
    file, host.binary, script))
  os.remove(script)
  os.remove(file)
  assert.equal("", result.err)
  return result.out
end

local WHY = " is a link-local address; these are refused, for a cloud hands out the machine's credentials there: "
  .. "use another address"

describe("mt.http with deny_link_local", function()
  it("refuses link-local addresses, however they are written", function()
    local forms = {
      {"169.254.169.254", "169.254.169.254"}, {"169.254.0.1:80", "169.254.0.1"}, {"0xA9FEA9FE", "169.254.169.254"},
      {"0xa9.0xfe.1.2", "169.254.1.2"}, {"2852039166", "169.254.169.254"}, {"0251.0376.0251.0376", "169.254.169.254"},
      {"169.254.257", "169.254.1.1"}, {"169.16689662", "169.254.169.254"},
      {"[fe80::1]", "fe80::1"}, {"[FEBF::1]:8080", "febf::1"}, {"[fe80::1%25lo]", "fe80::1"},
      {"[::ffff:169.254.169.254]", "::ffff:169.254.169.254"}, {"[::ffff:a9fe:a9fe]", "::ffff:169.254.169.254"},
      {"[0:0:0:0:0:ffff:a9fe:a9fe]", "::ffff:169.254.169.254"}, {"[::169.254.169.254]", "::169.254.169.254"},
      {"[64:ff9b::169.254.169.254]", "64:ff9b::a9fe:a9fe"}, {"[2002:a9fe:a9fe::]", "2002:a9fe:a9fe::"},
    }
    local calls, expected = {}, {}
    for i, form in ipairs(forms) do
      calls[i] = ("show(%q)"):format(form[1])
      expected[i] = ("denied\thttp.get: cannot connect to http://%s: %s%s\n"):format(form[1], form[2], WHY)
    end
    local out = ask([[
      local function show(address)
        local reply, err = http.get("http://" .. address .. "/latest?key=hidden", {deny_link_local = true, timeout = 5})
        print(reply or err.kind, err)
      end
    ]] .. table.concat(calls, "\n"))
    assert.equal(table.concat(expected), out)
  end)

  it("refuses a name that leads there, and says where", function()
    local out = ask_with_hosts("169.254.169.254 metadata\nfe80::1 six\n", [[
      print(select(2, http.get("http://metadata/", {deny_link_local = true})))
      print(select(2, http.get("https://six:8443/", {deny_link_local = true})))]])
    assert.equal("http.get: cannot connect to http://metadata: 169.254.169.254" .. WHY
      .. "\nhttp.get: cannot connect to https://six:8443: fe80::1" .. WHY .. "\n", out)
  end)

  it("goes to the other address of a name that has one", function()
    local out = ask_with_hosts("169.254.169.254 both\n127.0.0.1 both\n", [[
      print(http.get("http://both:" .. PORT .. "/body/0", {deny_link_local = true}).status)]])
    assert.equal("200\n", out)
  end)

  it("allows this machine and private addresses", function()
    assert.equal("200\ntransport\tConnection refused\ntransport\tConnection refused\n", ask [[
      print(http.get(URL .. "/body/0", {deny_link_local = true}).status)
      for _, address in ipairs {"127.0.0.2:1", "localhost:1"} do
        local _, err = http.get("http://" .. address, {deny_link_local = true})
        print(err.kind, err.message:match "Connection refused")
      end]])
  end)

  it("uses no connection that was made without it, nor leaves one", function()
    assert.equal("1\t1\n", ask [[
      local function connections(options) return tonumber(http.get(URL .. "/connections", options).body) end
      local one = connections()
      local two = connections {deny_link_local = true}
      local three = connections {deny_link_local = true}
      print(two - one, three - two)]])
  end)

  it("asks no proxy, which would look the name up by itself", function()
    local env = {http_proxy = server.url, all_proxy = server.url, no_proxy = false, NO_PROXY = false}
    assert.equal("200\tnil\ndenied\n", ask([[
      print(http.get("http://169.254.1.1/body/0").status, (http.get("http://nobody.invalid/", {deny_link_local = true})))
      print(select(2, http.get("http://169.254.1.1/body/0", {deny_link_local = true})).kind)]], {env = env}))
    local out = ask('print(select(2, http.get("http://127.0.0.1:1", {deny_link_local = true})))', {env = env})
    assert.is_nil(out:find("proxy", 1, true))
  end)

  it("refuses nothing when it is false", function()
    assert.equal("true\n", ask [[
      local _, err = http.get("http://169.254.169.254:1/", {deny_link_local = false, timeout = 0.05})
      print(err == nil or err.kind ~= "denied")]])
  end)
end)

describe("mt.http with ignore_body", function()
  it("returns status and headers, and an empty body", function()
    assert.equal("200\t1000\t\n", ask [[
      local reply = http.get(URL .. "/body/1000", {ignore_body = true})
      print(reply.status, reply.headers["content-length"], reply.body)]])
  end)

  it("has no use for the rest of a gigabyte", function()
    assert.equal("200\ttrue\n", ask [[
      local reply = http.get(URL .. "/endless", {ignore_body = true, max_body = 10})
      print(reply.status, tonumber(http.get(URL .. "/sent").body) < 100)]])
  end)

  it("does not mind a body that is cut off or does not come", function()
    assert.equal("200\n200\n", ask [[
      print(http.get(URL .. "/raw?HTTP/1.1%20200%20OK%0D%0AContent-Length:%209%0D%0A%0D%0Aabc", {ignore_body = true}).status)
      print(http.get(URL .. "/unfinished", {ignore_body = true, timeout = 2}).status)]])
  end)
end)
