-- What the prompt is made of and needs no terminal: cases.
local chunks = require "moontide.cmd.repl.chunk"
local complete = require "moontide.cmd.repl.complete"
local errors = require "moontide.core.errors"
local kept = require "moontide.cmd.repl.kept"
local show = require "moontide.cmd.repl.show"

describe("What is typed", function()
  local CASES = {
    {"1 + 1", "done"}, {"x = 1", "done"}, {"f(", "more"}, {"x =", "more"}, {"{1,", "more"}, {"1 +", "more"},
    {"for i = 1, 2 do", "more"}, {"x = [[a", "more"}, {"function f()\nreturn 1", "more"}, {"--[[", "more"},
    {"", "done"}, {"-- a comment", "done"}, {"return 1", "done"}, {"local x = 1", "done"}, {"1, 2", "done"},
    {"x y", "wrong"}, {"end", "wrong"}, {")", "wrong"}, {"print('a", "more"}, {"\27Lua", "wrong"}, {"a\0b", "wrong"},
    {"f() -- end", "done"}, {"\xff\xfe", "wrong"},
  }
  for _, case in ipairs(CASES) do
    it(("is %s: %q"):format(case[2], case[1]), function()
      local chunk, why, unfinished = chunks.compile(case[1])
      assert.are.equal(case[2], chunk and "done" or why and "wrong" or unfinished and "more")
    end)
  end

  it("is an expression first, whose values come back", function()
    assert.are.same({1, nil, 3}, {chunks.compile "1, nil, 3"()})
  end)

  it("is named in a message, also what would be a tail call", function()
    local ok, why = pcall(chunks.compile "error('boom')")
    assert.is_false(ok)
    assert.are.equal("stdin:1: boom", why)
  end)
end)

describe("Completion", function()
  local Animal = {__index = {speak = print, legs = 4}}
  local listing = setmetatable({}, {
    __names = function() return {"docker", "http"} end,
    __index = function(_, key) return key == "docker" and {list = print, logs = print} or error "no" end,
  })
  local guarded = setmetatable({}, {__index = function() error "called" end})
  local world = {
    globals = {
      print = print, pairs = pairs, string = {rep = string.rep, reverse = string.reverse}, text = "abc", _hidden = 1,
      web = setmetatable({name = "web", _own = 1}, Animal), mt = listing, guarded = guarded, ["not a name"] = 1,
      deep = {er = {value = 1, valid = 2}},
    },
    commands = {"doc", "help", "load"}, names = {"mt.docker.list", "mt.sleep"},
    files = function(directory)
      local files = {["."] = {"a.lua", "b/", ".hidden"}, ["b/"] = {"c.lua", "cd.lua"}, ["/"] = {"etc/"}}
      return files[directory] or {}
    end,
    containers = function() return {"web-1", "web-2", "db"} end,
  }
  local CASES = {
    {"pr", {"print"}, "pr"}, {"pa", {"pairs"}, "pa"}, {"x = string.re", {"rep", "reverse"}, "re"},
    {"web.n", {"name"}, "n"}, {"web.", {"legs", "name", "speak"}, ""}, {"web:", {"speak"}, ""}, {"web.l", {"legs"}, "l"},
    {"web._", {"_own"}, "_"}, {"_h", {"_hidden"}, "_h"}, {"text:re", {"rep", "reverse"}, "re"},
    {"mt.", {"docker", "http"}, ""}, {"mt.docker.l", {"list", "logs"}, "l"}, {"mt.nothing.l", {}, "l"},
    {"guarded.x.", {}, ""}, {"unknown.x", {}, "x"}, {"f().x", {}, "x"}, {"t[1].x", {}, "x"}, {"a..pr", {"print"}, "pr"},
    {"deep.er.val", {"valid", "value"}, "val"}, {"fun", {"function"}, "fun"}, {"f(", {}, ""}, {"1 ", {}, ""},
    {"g('we", {"web-1", "web-2"}, "we"}, {'g("web-1", "d', {"db"}, "d"}, {'g("', {"db", "web-1", "web-2"}, ""},
    {'g("a\\"we', {}, 'a"we'}, {"-- it's pr", {}, ""}, {"g('x') pr", {"print"}, "pr"}, {"a - b, pr", {"print"}, "pr"},
    {":", {"doc", "help", "load"}, ""}, {":l", {"load"}, "l"}, {"  :he", {"help"}, "he"},
    {":load ", {"a.lua", "b/"}, ""}, {":load b/c", {"b/c.lua", "b/cd.lua"}, "b/c"}, {":load /", {"/etc/"}, "/"},
    {":load .", {".hidden"}, "."}, {":doc mt.s", {"mt.sleep"}, "mt.s"}, {":time web.n", {"name"}, "n"},
    {":help me", {}, "me"},
  }
  world.globals.string.format = nil
  for _, case in ipairs(CASES) do
    it(("of %q"):format(case[1]), function()
      local words, typed = complete.complete(case[1], world)
      assert.are.same(case[2], words)
      if #words > 0 then assert.are.equal(case[3], typed) end
    end)
  end

  it("inserts what all words begin with", function()
    assert.are.equal("web-", complete.common {"web-1", "web-2", "web-"})
    assert.are.equal("", complete.common {"a", "b"})
    assert.are.equal("caf", complete.common {"café", "cafè"}) -- no half letter
  end)
end)

describe("A value", function()
  local SUMMARY = {
    container_id = ("0123456789ab"):rep(5), name = "web-1", status = "running", image = "moontide/web", health = "healthy",
    ports = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "32768"}}},
  }
  local function shown(...)
    return show.values(table.pack(...), {width = 80, signature = function(fn) return fn == print and "print(...)" or nil end})
  end
  local itself = {}
  itself.me = itself
  local nested = {}
  for _ = 1, 20 do nested = {nested} end
  local CASES = {
    {"1", 1}, {"1.5", 1.5}, {"true", true}, {"nil", nil}, {"text", "text"}, {"a\tb\nc", "a\tb\nc"},
    {"\\x1b[31m", "\27[31m"}, {"\\xff", "\xff"}, {"print(...)", print}, {"{}", {}}, {"{1, 2}", {1, 2}},
    {'{a = 1, b = "x", [2] = 3}', {a = 1, b = "x", [2] = 3}, sorted = '{[2] = 3, a = 1, b = "x"}'},
    {'{["a b"] = 1, ["end"] = 2}', {["a b"] = 1, ["end"] = 2}}, {'{"a\\nb\\"c\\\\"}', {'a\nb"c\\'}},
    {'{"\\x1b"}', {"\27"}}, {"{me = {... itself}}", itself}, {"{{{{{{{{...}}}}}}}}", nested},
    {"shown by itself", setmetatable({}, {__tostring = function() return "shown by itself" end})},
    {'{token = (not shown), user = "me"}', {token = "abc", user = "me"}},
    {'{Env = {"A=b", "API_KEY=(not shown)"}}', {Env = {"A=b", "API_KEY=secret"}}},
    {"{[true] = false}", {[true] = false}}, {"{a = 1}", setmetatable({a = 1}, {__index = error, __len = error})},
  }
  for i, case in ipairs(CASES) do
    it(("is shown: %d"):format(i), function() assert.are.equal(case.sorted or case[1], shown(case[2])) end)
  end

  it("is nothing when there is none, and all of them when there are more", function()
    assert.is_nil(shown())
    assert.are.equal("nil", shown(nil))
    assert.are.equal("1\tnil\tx", shown(1, nil, "x"))
  end)

  it("that is an error has its kind", function()
    local function failure() return errors.fail("docker.inspect", "not_found", "no container %s", "x\27") end
    assert.are.equal("nil\terror (not_found): docker.inspect: no container x\\x1b", shown(failure()))
  end)

  it("that is a list of containers is a table", function()
    assert.are.equal("NAME   ID            IMAGE         STATUS             PORTS\n"
      .. "web-1  0123456789ab  moontide/web  running (healthy)  32768->80/tcp", shown {SUMMARY})
    assert.matches("^NAME .*\nweb%-1 .*\nweb%-1 [^\n]*$", shown {SUMMARY, SUMMARY})
    assert.matches("^{\n", shown {SUMMARY, {}}) -- that one is none
  end)

  it("that is large is cut", function()
    local list, map, long = {}, {}, ("x"):rep(1000)
    for i = 1, 1000 do list[i], map["key" .. i] = i, i end
    assert.matches("%.%.%. %(900 more%)", shown(list))
    assert.matches("%.%.%. %(900 more%)", shown(map))
    assert.matches("x%.%.%. %(1000 bytes%)|$", (shown {long}:gsub('"', ""):gsub("[{},\n]", "") .. "|"))
    assert.matches("%.%.%. %(100000 bytes%)$", shown(("x"):rep(100000)))
    local wide = {}
    for i = 1, 100 do wide[i] = table.move(list, 1, 100, 1, {}) end
    assert.is_true(#shown(wide) < 40000)
  end)

  it("takes several lines when one is too short", function()
    assert.are.equal('{\n  a = "' .. ("x"):rep(50) .. '",\n  b = {1, 2},\n  c = "' .. ("y"):rep(30) .. '",\n}',
      shown {a = ("x"):rep(50), b = {1, 2}, c = ("y"):rep(30)})
  end)
end)

describe("A line", function()
  local SECRET = {
    'token = "x"', "token=abc", 'password="x"', 't = {api_key = "k"}', 't["api-key"] = "k"', 'f{["X-Registry-Auth"] = v}',
    'headers = {Authorization = "Bearer x"}', '{"password": "x"}', 'login("user", {secret = s})', 'set_password("x")',
    'env = {DB_PASSWORD = "x"}', "env = {'API_TOKEN=x'}", 'os.execute "docker login --password x"', 'setenv("TOKEN", "x")',
    "Authorization: Bearer x", 'my_credentials = {}', 'passwd="1"', "AWS_SECRET_ACCESS_KEY=abc", "token    =    5",
  }
  local HARMLESS = {
    "1 + 1", "mt.docker.list()", 'mt.docker.run{image = "x", env = {A = "b"}}', "for key, value in pairs(t) do", "token",
    "token == nil", "print(token)", "keys(t)", "-- the password", "t.key", "if key ~= nil then", "tokens(x)",
    'mt.docker.exec("db", "ls")', "authors", "pass", "", "monkey",
  }
  for _, line in ipairs(SECRET) do
    it("may hold a secret: " .. line, function() assert.is_true(kept.has_secret(line)) end)
  end
  for _, line in ipairs(HARMLESS) do
    it("holds none: " .. line, function() assert.is_false(kept.has_secret(line)) end)
  end

  it("is kept unless it begins with a blank, is empty or has a secret", function()
    assert.is_true(kept.is_kept "x = 1")
    for _, line in ipairs {" x = 1", "\tx", "", "   ", "token = 1", "a\0b", "a\nb"} do
      assert.is_false(kept.is_kept(line), line)
    end
  end)

  it("is kept where the user's state is", function()
    local function path(env) return kept.path(function(name) return env[name] end) end
    assert.are.equal("/s/moontide/history", path {XDG_STATE_HOME = "/s", HOME = "/h"})
    assert.are.equal("/h/.local/state/moontide/history", path {HOME = "/h"})
    assert.are.equal("/h/.local/state/moontide/history", path {XDG_STATE_HOME = "", HOME = "/h"})
    assert.are.equal("/h/.local/state/moontide/history", path {XDG_STATE_HOME = "relative", HOME = "/h"})
    assert.is_nil(path {})
    assert.is_nil(path {HOME = ""})
  end)
end)
