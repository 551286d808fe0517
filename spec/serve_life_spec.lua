-- mt.http.serve over time: slow clients, many, those that go away, and how a server ends.
local host = require "spec.support.host"
local served = require "spec.support.server"
local uv = require "luv"

local HEAD = " HTTP/1.1\r\nHost: localhost\r\n"

local function seconds_of(fn)
  local begin = uv.hrtime()
  fn()
  return (uv.hrtime() - begin) / 1e9
end

-- Starts a server, runs fn(server), ends it: it has nothing to say about that, and what it printed is returned.
local function with(code, options, fn)
  local server <close> = served.start(code, options)
  local ok, why = pcall(fn, server)
  local exit, out, err, seconds = server:stop()
  assert(ok, why)
  assert.same({0, ""}, {exit, err})
  assert.is_true(seconds < 5)
  return out
end

local ROUTES = [[{
  ["GET /"] = function() return "hi" end,
  ["POST /"] = function(req) return req.body end,
  ["GET /large"] = function() return ("x"):rep(65536):rep(256) end,
  ["GET /wait"] = function()
    local _ <close> = setmetatable({}, {__close = function() io.write("closed\n") io.flush() end})
    io.write("waiting\n") io.flush()
    mt.sleep(60)
  end,
}]]

describe("A connection", function()
  it("serves several requests, one after the other", function()
    with("return {routes = " .. ROUTES .. "}", nil, function(server)
      local client = server:connect()
      for _ = 1, 3 do
        client:send("GET /" .. HEAD .. "\r\n")
        assert.matches("^HTTP/1.1 200 .*\r\n\r\nhi$", (client:receive("\r\n\r\nhi")))
      end
      client:close()
    end)
  end)

  it("that is slow to say what it wants is ended", function()
    with("return {timeout = 1, routes = " .. ROUTES .. "}", nil, function(server)
      local clients = {
        server:connect(),                                                          -- says nothing
        server:connect():send("GE"),                                               -- part of a line
        server:connect():send("GET / HTTP/1.1\r\nHo"),                             -- of the headers
        server:connect():send("POST /" .. HEAD .. "Content-Length: 99\r\n\r\na"),  -- of the body
        server:connect():send("GET /" .. HEAD .. "\r\n"),                          -- of a second request
      }
      local tick = uv.new_timer() -- each byte is in time, the whole is not
      tick:start(100, 100, function()
        for i = 2, 4 do
          if not clients[i].ended then clients[i].tcp:write("x") end
        end
      end)
      local replies = {}
      local seconds = seconds_of(function()
        for i, client in ipairs(clients) do
          local got, ended = client:receive()
          assert.is_true(ended)
          replies[i] = got:match("^HTTP/1.1 (%d+)")
          client:close()
        end
      end)
      tick:close()
      assert.same({"408", "408", "408", "408", "200"}, replies)
      assert.is_true(seconds < 3)
    end)
  end)

  it("that nobody reads from is ended, and keeps nobody waiting", function()
    with("return {timeout = 1, routes = " .. ROUTES .. "}", {before = "--script-budget 20s"}, function(server)
      local SOCKETS = ("ls -l /proc/%d/fd | grep -c socket:"):format(server.pid)
      local before = host.shell(SOCKETS).out
      local client = server:connect()
      client.tcp:read_stop()
      client:send("GET /large" .. HEAD .. "\r\n")
      assert.equal(200, (server:ask("GET", "/")))
      -- Its end is known when what had been on its way has been read.
      host.shell(('until [ "$(%s)" = %d ]; do sleep 0.05; done'):format(SOCKETS, before))
      client.tcp:read_start(function(_, data) if data then client.got = client.got .. data else client.ended = true end end)
      local got, ended = client:receive()
      assert.is_true(ended)
      assert.is_true(#got < 16 << 20, "all of it came")
      client:close()
    end)
  end)
end)

describe("Many connections", function()
  it("that are slow keep neither a timer nor another client waiting", function()
    local after = [[
      local last, worst = mt.monotonic(), 0
      mt.every(0.01, function()
        local now = mt.monotonic()
        worst, last = math.max(worst, now - last), now
      end)
      function worst_tick() return worst end]]
    with("local r = " .. ROUTES .. "\nr['GET /worst'] = function() return tostring(worst_tick()) end\nreturn {routes = r}",
      {after = after}, function(server)
        local clients = {}
        for i = 1, 64 do clients[i] = server:connect():send("GET / HTTP/1.1\r\nX: ") end
        local slowest = 0
        for i = 1, 20 do
          for _, client in ipairs(clients) do client:send(i == 10 and ("x"):rep(100) or "x") end
          slowest = math.max(slowest, seconds_of(function() assert.equal(200, (server:ask("GET", "/"))) end))
        end
        local _, worst = server:ask("GET", "/worst")
        assert.is_true(tonumber(worst) < 0.5, "a timer waited for " .. worst)
        assert.is_true(slowest < 1, "a client waited for " .. slowest)
        for _, client in ipairs(clients) do client:close() end
      end)
  end)

  it("are at most as many as are allowed: the one that has waited longest goes", function()
    with("return {max_connections = 4, routes = " .. ROUTES .. "}", nil, function(server)
      local busy = server:connect():send("GET /wait" .. HEAD .. "\r\n")
      local idle = {}
      for i = 1, 3 do
        idle[i] = server:connect():send("GET /" .. HEAD .. "\r\n")
        assert.matches("hi$", (idle[i]:receive("hi$")))
      end
      idle[1]:send("GET /" .. HEAD .. "\r\n"):receive("hi$") -- has waited less than the second now
      local one_more = server:connect():send("GET /" .. HEAD .. "\r\n")
      assert.matches("hi$", (one_more:receive("hi$")))
      local _, ended = idle[2]:receive()
      assert.is_true(ended)
      for _, client in ipairs {idle[1], idle[3], busy} do
        assert.is_false(client.ended)
      end
      for _, client in ipairs {idle[1], idle[2], idle[3], busy, one_more} do client:close() end
    end)
  end)

  it("of a thousand leave room for one more", function()
    with("return {routes = " .. ROUTES .. "}", nil, function(server)
      local clients = {}
      for i = 1, 1000 do clients[i] = server:connect():send("GET / HTTP/1.1\r\n") end
      assert.equal(200, (server:ask("GET", "/")))
      for _, client in ipairs(clients) do client:close() end
      assert.equal(200, (server:ask("GET", "/")))
    end)
  end)
end)

describe("A client that goes away", function()
  local function gone(leave)
    local out = with("return {routes = " .. ROUTES .. "}", nil, function(server)
      local client = server:connect():send("GET /wait" .. HEAD .. "\r\n")
      assert.equal("waiting", server.pipe:read("l"))
      leave(client)
      assert.equal("closed", server.pipe:read("l"))
      client:close()
    end)
    assert.equal("", out)
  end

  it("cancels what is done for it", function()
    gone(function(client) client:close() end)
    gone(function(client) client.tcp:close_reset() end)
  end)

  it("is one that only sends the end of its stream, after a moment", function()
    gone(function(client) client:finish() end)
  end)

  it("is not yet one that sends the end with its request", function()
    with("return {routes = " .. ROUTES .. "}", nil, function(server)
      for _ = 1, 5 do
        local client = server:connect():send("GET /" .. HEAD .. "\r\n"):finish()
        assert.matches("hi$", (client:receive()))
        client:close()
      end
    end)
  end)
end)

describe("A server", function()
  local CLOSING = "local r = " .. ROUTES .. [[

    r["GET /close"] = function()
      server:close()
      mt.sleep(0.3)
      return "bye"
    end
    return {timeout = %s, routes = r}]]

  it("that is closed serves what it has begun, and nothing more; then the script ends", function()
    local server <close> = served.start(CLOSING:format(10))
    local idle = server:connect():send("GET /" .. HEAD .. "\r\n")
    idle:receive("hi$")
    local client = server:connect():send("GET /close" .. HEAD .. "\r\n")
    assert.is_true(select(2, idle:receive()))
    assert.is_false(pcall(server.connect, server))
    local got, ended = client:receive()
    assert.matches("^HTTP/1.1 200 .*\r\nConnection: close\r\n.*bye$", got)
    assert.is_true(ended)
    local code, out, err = server:wait()
    assert.same({0, "", ""}, {code, out, err})
    idle:close()
    client:close()
  end)

  it("that is closed waits for its timeout, not longer", function()
    local server <close> = served.start(CLOSING:format(0.5))
    local stuck = server:connect():send("GET /wait" .. HEAD .. "\r\n")
    assert.equal("waiting", server.pipe:read("l"))
    server:connect():send("GET /close" .. HEAD .. "\r\n")
    local code, out, err, seconds = server:wait()
    assert.same({0, "closed\n", ""}, {code, out, err})
    assert.is_true(seconds < 5)
    stuck:close()
  end)

  it("ends in order on SIGTERM and SIGINT, also while it serves", function()
    for _, signal in ipairs {"TERM", "INT"} do
      local server <close> = served.start("return {routes = " .. ROUTES .. "}")
      local client = server:connect():send("GET /wait" .. HEAD .. "\r\n")
      assert.equal("waiting", server.pipe:read("l"))
      local code, out, err, seconds = server:stop(signal)
      assert.same({0, "closed\n", ""}, {code, out, err})
      assert.is_true(seconds < 5)
      assert.is_true(select(2, client:receive()))
      client:close()
    end
  end)

  it("says what to do when its port is taken", function()
    with("return {routes = {}}", nil, function(server)
      local result = host.script(([[
        local server, err = mt.http.serve {addr = "%s", routes = {}}
        print(server, err.kind, err)]]):format(server.addr))
      assert.same({0, ""}, {result.code, result.err})
      assert.matches("^nil\tconflict\thttp.serve: cannot listen on 127.0.0.1 port " .. server.port
        .. ": another program listens there; end it %(ss %-ltnp tells which it is%), or choose another port", result.out)
    end)
  end)

  it("can be one of two", function()
    local after = [[
      local other = assert(mt.http.serve {addr = "127.0.0.1:0", routes = {["GET /"] = function() return "other" end}})
      local reply = assert(mt.http.get("http://" .. other.addr .. "/"))
      io.write(reply.body, " ", assert(mt.http.get("http://" .. server.addr .. "/")).body, "\n")
      io.flush()]]
    with("return {routes = " .. ROUTES .. "}", {after = after}, function(server)
      assert.equal("other hi", server.pipe:read("l"))
      assert.equal(200, (server:ask("GET", "/")))
    end)
  end)

  it("of a task ends with that task", function()
    local result = host.script [[
      local addr
      local task = mt.spawn(function()
        addr = assert(mt.http.serve {addr = "127.0.0.1:0", routes = {["GET /"] = function() return "hi" end}}).addr
        mt.sleep(60)
      end)
      mt.sleep(0)
      print(mt.http.get("http://" .. addr .. "/").body)
      task:cancel()
      print(select(2, mt.http.get("http://" .. addr .. "/")).kind)]]
    assert.same({0, "hi\ntransport\n", ""}, {result.code, result.out, result.err})
  end)

  it("that everybody reaches is warned of, once, unless it asks for a token", function()
    local function say(options)
      local result = host.script(("mt.http.serve {addr = '0.0.0.0:0', routes = {}, %s}:close()"):format(options))
      assert.equal(0, result.code)
      return result.err
    end
    assert.matches("^%S+ WARN  http.serve: everybody who reaches 0.0.0.0:%d+ may ask; [^\n]*\n$", say "")
    assert.equal("", say "token = 'x'")
  end)

  it("answers to the address that it is reached by", function()
    with("return {addr = '0.0.0.0:0', token = 'x', routes = {['GET /'] = function() return 'hi' end}}", nil, function(server)
      local function ask(name)
        return (server:raw(("GET / HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"):format(name)))
      end
      assert.matches("hi$", ask("127.0.0.1:" .. server.port))
      assert.matches("^HTTP/1.1 421 ", ask("10.1.2.3"))
    end)
  end)

  it("needs a library, and says so when it is not there", function()
    local code = [[print(select(2, mt.http.serve {addr = "127.0.0.1:0", routes = {}}))]]
    local path = host.file(code, ".lua")
    local library = host.shell("ldconfig -p | sed -n 's/.*=> //p' | grep -m 1 libmicrohttpd.so.12").out:match("%S+")
    local result = host.shell(("unshare -m sh -c 'mount --bind /dev/null %s && exec \"%s\" run %s'"):format(library, host.binary,
      path))
    os.remove(path)
    assert.same({0, ""}, {result.code, result.err})
    assert.matches("^http.serve: cannot serve: .*libmicrohttpd.so.12: .*; install it %(Debian: ", result.out)
  end)

  it("tells of requests when it is asked to be verbose", function()
    local result = host.script([[
      local server = mt.http.serve {addr = "127.0.0.1:0", routes = {["GET /a"] = function() return "hi" end}}
      assert(mt.http.get("http://" .. server.addr .. "/a?secret=1"))
      server:close()]], {before = {"-v"}})
    assert.matches("DEBUG 127.0.0.1:%d+: GET /a: 200, %d+%.%d ms\n$", result.err)
    assert.not_matches("secret", result.err)
  end)
end)
