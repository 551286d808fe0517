local check = require "moontide.core.check"
local near = require "moontide.core.near"
local show = require "moontide.core.show"

-- The message of what f raises, without its position.
local function message(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.equal("string", type(err))
  return (err:gsub("^[^ ]+:%d+: ", ""))
end

local SCHEMA = {
  image = "string", name = "string", env = "table", all = "boolean", limit = "integer", ratio = "number",
  timeout = "duration", on_done = "function", command = "string|table", api_token = "integer",
  status = function(value) return value == "up", 'must be "up"' end,
  strict = function() return false end,
}

local function run(options) return check.options("docker.run", options, SCHEMA) end

describe("core.check options", function()
  local cases = {
    {"a slip of the finger", {imgae = "x"}, 'docker.run: unknown option "imgae" (did you mean "image"?)'},
    {"nothing near", {zzzzz = 1}, 'docker.run: unknown option "zzzzz"; valid: all, api_token, command, env, '
      .. "image, limit, name, on_done, ratio, status, strict, timeout"},
    {"a hostile key", {["a\27[2J\n"] = 1}, "unknown option \"a\\x1b[2J\\x0a\"", "find"},
    {"a very long key", {[("k"):rep(100000)] = 1}, 'option "' .. ("k"):rep(40) .. '...";', "find"},
    {"a list", {"busybox"}, "docker.run: options must be {name = value, ...}, got number 1 as a name"},
    {"not a table", 3, "docker.run: options must be a table, got number 3; in mt.map, "
      .. "which passes the index too, write function(item) return mt.docker.run(item) end"},
    {"string for table", {env = "x"}, 'docker.run: option "env" must be a table, got string (not shown: it may be a secret)'},
    {"number for string", {name = 7}, 'docker.run: option "name" must be a string, got number 7'},
    {"string for boolean", {all = "yes"}, 'docker.run: option "all" must be true or false, got string "yes"'},
    {"fraction", {limit = 1.5}, 'docker.run: option "limit" must be a whole number, got number 1.5'},
    {"number as text", {ratio = "1"}, 'docker.run: option "ratio" must be a number, got string "1"'},
    {"duration", {timeout = "10x"}, 'docker.run: option "timeout" must be a duration '
      .. '(seconds, or "250ms", "5m", "1h30m"), got string "10x"'},
    {"function", {on_done = {}}, 'docker.run: option "on_done" must be a function, got table'},
    {"one of two", {command = 1}, 'docker.run: option "command" must be a string or a table, got number 1'},
    {"own rule", {status = "down"}, 'docker.run: option "status" must be "up", got string "down"'},
    {"own rule without words", {strict = 1}, 'docker.run: option "strict" is not valid, got number 1'},
    {"null", {name = io.stdout}, 'docker.run: option "name" must be a string, got userdata'},
    {"a secret", {api_token = "hunter2"},
      'docker.run: option "api_token" must be a whole number, got string (not shown: it may be a secret)'},
    {"escapes values", {ratio = "\27]0;x\7"}, 'got string "\\x1b]0;x\\x07"', "find"},
    {"the first in key order", {name = 1, limit = "x"}, 'docker.run: option "limit" must be a whole number, got string "x"'},
  }
  for _, case in ipairs(cases) do
    it("raises: " .. case[1], function()
      local text = message(run, case[2])
      if case[4] then assert.truthy(text:find(case[3], 1, true), text) else assert.equal(case[3], text) end
    end)
  end

  it("takes nil for no options", function() assert.same({}, run(nil)) end)

  it("gives a new table with seconds and integers", function()
    local given = {timeout = "250ms", limit = 3.0, all = false, command = {"a"}}
    local checked = run(given)
    assert.same({timeout = 0.25, limit = 3, all = false, command = {"a"}}, checked)
    assert.equal("integer", math.type(checked.limit))
    assert.equal("250ms", given.timeout)
  end)

  it("names what is missing, and the path of a table inside", function()
    local rules = {required = {"cpu"}, path = "resources"}
    local schema = {cpu = "number", memory = "string"}
    local function inner(value) check.options("docker.run", value, schema, rules) end
    assert.equal('docker.run: option "resources.cpu" is missing', message(inner, {}))
    assert.equal('docker.run: unknown option "resources.cpuu" (did you mean "cpu"?)', message(inner, {cpuu = 1}))
    assert.equal('docker.run: option "resources.cpu" must be a number, got boolean true', message(inner, {cpu = true}))
    assert.equal('docker.run: option "resources" must be a table, got string "x"', message(inner, "x"))
  end)
end)

describe("core.check position", function()
  local script = assert(load("local check = ...\nlocal function f()\n  return (check())\nend\nf()", "@policy.lua"))

  local function raised(f)
    local ok, err = pcall(script, f)
    assert.is_false(ok)
    return err
  end

  it("is the script's line", function()
    local library = assert(load("local check = ... return function() check.fail('docker.run', 'bad %s', 'x') end",
      "@" .. package.searchpath("moontide.core.check", package.path):gsub("core/check%.lua$", "docker/x.lua")))
    assert.equal("policy.lua:3: docker.run: bad x", raised(library(check)))
  end)

  it("skips C, as pcall", function()
    local caller = assert(load("local f = ...\nlocal _, err = pcall(f, 'docker.run', 'bad')\nreturn err", "@p.lua"))
    assert.equal("p.lua:2: docker.run: bad", caller(check.fail))
  end)

  it("is left out when only the library is on the stack", function()
    local ok, err = coroutine.resume(coroutine.create(check.fail), "docker.run", "bad")
    assert.is_false(ok)
    assert.equal("docker.run: bad", err)
  end)
end)

describe("core.check arguments", function()
  it("passes what is right", function()
    assert.equal("x", check.string("f", "a", "x"))
    assert.equal(3, check.integer("f", "a", 3.0))
    for _, id in ipairs {"web-1", "a", "0f3", "a.b_c-d", ("f"):rep(64)} do
      assert.equal(id, check.id("docker.stop", "id", id))
    end
  end)

  it("names function and argument", function()
    assert.equal('f: argument "a" must be a string, got nil', message(check.string, "f", "a"))
    assert.equal('f: argument "a" must be a whole number, got string "3"', message(check.integer, "f", "a", "3"))
    assert.equal('f: argument "id" must be a string, got boolean true', message(check.id, "f", "id", true))
    assert.equal('f: argument "id" must be a name or id, got a table; pass its container_id',
      message(check.id, "f", "id", {container_id = "0f3"}))
  end)

  for _, id in ipairs {"", "../x", "/web", "a/b", "a?force=1", "a b", "w\n2", "-x", ".x", "ü", "a%2f", "a\0"} do
    it(("refuses the id %q"):format(id), function()
      local text = message(check.id, "docker.stop", "id", id)
      assert.truthy(text:find('docker.stop: argument "id" must be a name or id (letters, ', 1, true), text)
      assert.is_nil(text:find("%c"))
    end)
  end
end)

describe("core.near", function()
  local keys = {"command", "cpu", "env", "image", "max_replicas", "memory", "min_replicas", "name", "ports"}
  local cases = {
    {"imgae", "image"}, {"nmae", "name"}, {"cpus", "cpu"}, {"port", "ports"}, {"memmory", "memory"},
    {"minReplicas", "min_replicas"}, {"MAX_REPLICAS", "max_replicas"}, {"replcas", nil}, {"x", nil},
    {"", nil}, {"environment", nil}, {("image"):rep(1000), nil}, {42, nil}, {"cmmand", "command"},
  }
  for _, case in ipairs(cases) do
    it(("%s -> %s"):format(tostring(case[1]):sub(1, 20), case[2]), function()
      assert.equal(case[2], near.nearest(case[1], keys))
      assert.equal(near.nearest, check.nearest)
    end)
  end

  it("takes the first of two that are as near", function()
    assert.equal("ab1", near.nearest("ab0", {"ab1", "ab2"}))
    assert.equal("ab2", near.nearest("ab0", {"ab2", "ab1"}))
  end)

  it("has something to say about an empty list", function()
    assert.equal("; there are none", near.hint("x", {}))
  end)
end)

describe("core.show", function()
  it("shortens at a letter's edge", function()
    assert.equal(("a"):rep(39) .. "...", show.short(("a"):rep(39) .. "月月"))
    assert.equal(("a"):rep(40), show.short(("a"):rep(40)))
  end)

  it("hides what may be a secret, whatever its letter case", function()
    for _, name in ipairs {"env", "DB_PASSWORD", "secret", "ApiToken", "access_key", "CREDENTIALS", "AUTHORIZATION"} do
      assert.is_true(show.is_secret(name))
      assert.is_nil(show.value("hunter2", name):find("hunter2"))
    end
    assert.is_false(show.is_secret("PORT"))
    assert.is_false(show.is_secret(7))
  end)
end)
