-- The calls of mt.docker, on a real engine. curl looks at what came of them.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_calls"

local function value(code, options) return engine.value(LABEL, code, options) end

local function clean() engine.clean(LABEL) end

local function names(list)
  local result = {}
  for i, summary in ipairs(list) do result[i] = summary.name end
  return result
end

describe("the engine", function()
  it("answers ping, version and info with its own tables", function()
    local got = value "return {ping = docker.ping(), version = docker.version(), info = docker.info()}"
    local _, version = engine.api("GET", "/version")
    local _, info = engine.api("GET", "/info")
    assert.are.equal(version.ApiVersion, got.ping.ApiVersion)
    assert.are.equal(info.OSType, got.ping.OSType)
    assert.are.equal(version.Version, got.version.Version)
    assert.are.equal(version.GitCommit, got.version.GitCommit)
    assert.are.same({info.ID, info.NCPU, info.MemTotal}, {got.info.ID, got.info.NCPU, got.info.MemTotal})
  end)

  it("answers any request: status and table, or text", function()
    local got = value [[
      local docker = docker
      local function ask(...) return {docker.request(...)} end
      local id = docker.create(web {name = "spec-request"})
      return {
        missing = ask("GET", "/containers/nosuch/json"),
        found = ask("GET", "/containers/json", {query = {all = true, filters = {name = {"spec-request"}}}}),
        text = ask("GET", "/_ping", {headers = {["X-Any"] = "thing"}}),
        renamed = ask("POST", "/containers/" .. id .. "/rename", {query = {name = "spec-renamed"}}),
        made = ask("POST", "/containers/create", {query = {name = "spec-raw"},
          body = {Image = "moontide/web", Labels = {spec = LABEL}}}),
        version = ask("GET", "/v1.30/version")[1],
      }
    ]]
    finally(clean)
    assert.are.equal(404, got.missing[1])
    assert.are.equal("No such container: nosuch", got.missing[2].message)
    assert.are.same({200, 1, "/spec-request"}, {got.found[1], #got.found[2], got.found[2][1].Names[1]})
    assert.are.same({200, "OK"}, got.text)
    assert.are.equal(204, got.renamed[1])
    assert.are.same({201, 200}, {got.made[1], got.version})
    assert.are.same({"spec-raw", "spec-renamed"}, engine.containers(LABEL))
  end)

  it("takes what is wrong with a request's arguments for a mistake", function()
    for code, message in pairs {
      ['docker.request("get", "/info")'] = 'docker.request: method must be like "GET", got "get"',
      ['docker.request("GET", "info")'] = 'docker.request: path must be like "/containers/json", got "info"',
      ['docker.request("GET", "/a b")'] = 'docker.request: path must be like "/containers/json", got "/a b"',
      ['docker.request("GET", "/a?x=1", {query = {y = 1}})'] = 'path "/a?x=1" has a query already; give it in query=',
      ['docker.request("GET", "/info", {headers = {["A B"] = 1}})'] = "A B is not a header's name",
      ['docker.request("GET", "/info", {header = {}})'] = 'unknown option "header" (did you mean "headers"?)',
      ['docker.stop("web", {timeuot = 1})'] = 'docker.stop: unknown option "timeuot" (did you mean "timeout"?)',
      ['docker.stop("web", {timeout = "soon"})'] = 'docker.stop: option "timeout" must be a duration',
      ['docker.start("../web")'] = 'docker.start: argument "id" must be a name or id',
      ['docker.start()'] = 'docker.start: argument "id" must be a string, got nil',
      ['docker.start({container_id = "x"})'] = "got a table; pass its container_id",
      ['docker.list {status = "runing"}'] = 'unknown status "runing" (did you mean "running"?)',
      ['docker.list {limit = 0}'] = 'docker.list: option "limit" must be at least 1, got 0',
      ['docker.list {label = {"a"}}'] = 'docker.list: option "label" must be {name = "value"}',
      ['docker.wait_ports("web", "80/tcp")'] = 'argument "keys" must be a list such as {"80/tcp"}',
      ['docker.wait_ports("web", {"80"})'] = 'argument "keys": 80 is no port; write "80/tcp"',
      ['docker.wait_ports("web", {}, {probe = "udp"})'] = 'option "probe" must be "bound" or "tcp", got "udp"',
      ['docker.run {}'] = 'docker.run: option "image" is missing',
      ['docker.connect {hots = "x"}'] = 'unknown option "hots" (did you mean "host"?)',
    } do
      local outcome = engine.ask(LABEL, "return " .. code)
      assert.is_string(outcome.raised, code)
      assert.is_truthy(outcome.raised:find(message, 1, true), outcome.raised)
      assert.is_truthy(outcome.raised:find("^/.-%.lua:%d+: "), outcome.raised)
    end
  end)
end)

describe("list", function()
  setup(function()
    clean()
    value [[
      local function make(name, labels) return assert(docker.create(web {name = name, labels = labels})) end
      make("spec-web", {tier = "front", zone = "a"})
      make("spec-web-1", {tier = "front", zone = "b"})
      make("spec-webx", {tier = "back", zone = "a"})
      make("spec.web", {tier = "a=b, \"c\" ü"})
      return docker.start "spec-web-1"
    ]]
  end)
  teardown(clean)

  local ALL = {"spec.web", "spec-webx", "spec-web-1", "spec-web"}
  local cases = {
    {"all of a label, newest first", "{all = true, label = {spec = LABEL}}", ALL},
    {"only what runs, else", "{label = {spec = LABEL}}", {"spec-web-1"}},
    {"a label of any value", "{all = true, label = {tier = true}}", ALL},
    {"several labels, of which all must be there", "{all = true, label = {tier = 'front', zone = true}}",
      {"spec-web-1", "spec-web"}},
    {"several values, of which all must fit", "{all = true, label = {tier = 'front', zone = 'a'}}", {"spec-web"}},
    {"a label whose value needs quotes", [[{all = true, label = {tier = "a=b, \"c\" ü"}}]], {"spec.web"}},
    {"no part of a label's value", "{all = true, label = {tier = 'fron'}}", {}},
    {"exactly a name that others begin with", "{all = true, name = 'spec-web'}", {"spec-web"}},
    {"a name with a dot, which is no pattern", "{all = true, name = 'spec.web'}", {"spec.web"}},
    {"no part of a name", "{all = true, name = 'pec-web'}", {}},
    {"a status", "{status = 'created', label = {spec = LABEL}}", {"spec.web", "spec-webx", "spec-web"}},
    {"several statuses", "{status = {'created', 'running'}, label = {spec = LABEL}}", ALL},
    {"the newest", "{limit = 2, label = {spec = LABEL}}", {"spec.web", "spec-webx"}},
    {"name and status, which both must fit", "{name = 'spec-web', status = 'running'}", {}},
  }
  for _, case in ipairs(cases) do
    it("finds " .. case[1], function()
      assert.are.same(case[3], names(value("return docker.list " .. case[2])))
    end)
  end

  it("is a list in JSON, also when it is empty", function()
    local result = host.eval 'print(mt.json.encode(mt.docker.list {label = {nosuch = true}}))'
    assert.are.same({0, "[]\n", ""}, {result.code, result.out, result.err})
  end)

  it("tells in debug messages, once, which version is spoken", function()
    local result = host.script("mt.docker.ping() mt.docker.list() mt.docker.list()", {before = {"-v"}})
    local _, count = result.err:gsub("is spoken to with API version 1%.%d+", "")
    assert.are.same({0, 1}, {result.code, count})
    assert.truthy(result.err:find("DEBUG docker: " .. os.getenv("DOCKER_HOST") .. " is spoken to", 1, true))
    assert.are.equal("", host.script("mt.docker.list()").err)
  end)
end)
