-- Contexts that the docker command has made, and files of its that are broken.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local SOCKET = os.getenv("DOCKER_HOST")
local CERTIFICATES = os.getenv("MOONTIDE_ENGINE_DIR") .. "/tls"
local TLS = ("host=tcp://localhost:2376,ca=%s/ca.pem,cert=%s/cert.pem,key=%s/key.pem"):format(
  CERTIFICATES, CERTIFICATES, CERTIFICATES)

local directory

local function docker(arguments)
  local result = host.shell("docker " .. arguments, {env = {DOCKER_CONFIG = directory, DOCKER_HOST = false}})
  assert.are.equal("", result.code == 0 and "" or result.err)
end

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

-- The file that keeps that context.
local function meta(name)
  return host.shell(("cd '%s' && echo contexts/meta/$(printf %%s '%s' | sha256sum | cut -c 1-64)/meta.json"):format(
    directory, name)).out:match("%S+")
end

local function with(variables)
  local env = {DOCKER_CONFIG = directory, DOCKER_HOST = false, XDG_RUNTIME_DIR = "/nowhere", HOME = "/nowhere"}
  for name, value in pairs(variables or {}) do env[name] = value end
  return {env = env}
end

local function id(code, variables)
  return engine.value("context", ("return assert(%s.info()).ID"):format(code or "docker"), with(variables))
end

local function failure(code, variables) return engine.failure("context", "return " .. code, with(variables)) end

describe("a context of the docker command", function()
  local expected

  setup(function()
    directory = host.shell("mktemp -d").out:gsub("\n", "")
    local _, info = engine.api("GET", "/info")
    expected = info.ID
    docker(("context create near --docker host=%s"):format(SOCKET))
    docker("context create nowhere --docker host=unix:///nowhere/docker.sock")
    docker(("context create over-tls --docker '%s'"):format(TLS))
    docker(("context create unverified --docker '%s,skip-tls-verify=true'"):format(
      TLS:gsub("localhost", "127.0.0.1"):gsub("ca=[^,]*,", "")))
    docker(("context create wrong-ca --docker '%s'"):format(
      TLS:gsub("ca=[^,]*", "ca=" .. CERTIFICATES .. "/cert.pem")))
    docker("context create by-ssh --docker host=ssh://me@nowhere.invalid")
  end)

  before_each(function() os.remove(directory .. "/config.json") end)

  it("leads to its engine: named, by the environment, or as the current one", function()
    assert.are.equal(expected, id 'assert(docker.connect {context = "near"})')
    assert.are.equal(expected, id(nil, {DOCKER_CONTEXT = "near"}))
    docker "context use near"
    assert.are.equal(expected, id())
    assert.are.equal(expected, id(nil, {DOCKER_CONTEXT = ""}))
  end)

  it("is chosen before or after others, as the docker command does", function()
    docker "context use nowhere"
    assert.are.equal(expected, id(nil, {DOCKER_CONTEXT = "near"}))
    assert.are.equal(expected, id(nil, {DOCKER_HOST = SOCKET, DOCKER_CONTEXT = "nowhere"}))
    assert.are.equal(expected, id('assert(docker.connect {context = "near"})', {DOCKER_HOST = "unix:///nowhere"}))
    assert.are.equal(expected, id('assert(docker.connect {context = "default"})',
      {DOCKER_HOST = SOCKET, DOCKER_CONTEXT = "nowhere"}))
    engine.reads(failure "docker.info()", "docker.info: cannot connect to unix:///nowhere/docker.sock: ")
    local result = host.run({"-H", SOCKET, "ps", "--json"}, with {DOCKER_CONTEXT = "nowhere"})
    assert.are.same({0, ""}, {result.code, result.err})
    assert.are.equal(3, host.run({"ps"}, with {DOCKER_CONTEXT = "nowhere"}).code)
  end)

  it("brings its own TLS files", function()
    assert.are.equal(expected, id(nil, {DOCKER_CONTEXT = "over-tls", DOCKER_CERT_PATH = "/nowhere"}))
    assert.are.equal(expected, id 'assert(docker.connect {context = "unverified"})')
    local err = failure('assert(docker.connect {context = "unverified", tls_verify = true}).info()')
    assert.are.equal("transport", err.kind)
    err = failure('assert(docker.connect {context = "wrong-ca"}).info()')
    assert.are.equal("transport", err.kind)
    assert.are.equal(expected, id(('assert(docker.connect {context = "wrong-ca", cert_path = %q})'):format(CERTIFICATES)))
  end)

  it("that does not exist is an error, which names those that do", function()
    local err = failure 'docker.connect {context = "naer"}'
    assert.are.same({"invalid", "docker.connect"}, {err.kind, err.op})
    engine.reads(err, 'docker.connect: there is no context "naer" (did you mean "near"?); there are "default", "by-ssh", '
      .. '"near", "nowhere", "over-tls", "unverified", "wrong-ca"; make one with docker context create')
    err = failure("docker.list()", {DOCKER_CONTEXT = "production"})
    engine.reads(err, 'docker.connect: DOCKER_CONTEXT: there is no context "production"; there are')
    write("config.json", '{"currentContext": "gone"}')
    err = failure "docker.list()"
    engine.reads(err, ('docker.connect: "currentContext" of %s/config.json: there is no context "gone"; there'):format(directory))
    local result = host.run({"ps"}, with())
    assert.are.equal(1, result.code)
    assert.matches('there is no context "gone"', result.err)
    assert.is_true(engine.value("context", 'return docker.connect {host = "tcp://h"} and true', with()))
  end)

  it("is who led to where no engine is; so is a host, or nobody", function()
    local listens = " (%s says where it listens)"
    local cases = {
      {'docker.connect {context = "nowhere"}', listens:format 'context "nowhere"'},
      {'docker.connect {host = "unix:///nowhere/docker.sock"}', listens:format "-H or the option host"},
      {"docker", listens:format "DOCKER_HOST", {DOCKER_HOST = "unix:///nowhere/docker.sock"}},
    }
    for _, case in ipairs(cases) do
      local err = failure(case[1] .. ".ping()", case[3])
      assert.are.equal("transport", err.kind)
      engine.reads(err, "docker.ping: cannot connect to unix:///nowhere/docker.sock: ", case[2])
    end
  end)

  it("is instead of a host", function()
    local outcome = engine.ask("context", '\n\nreturn docker.connect {host = "tcp://h", context = "near"}', with())
    assert.matches('%.lua:%d+: docker%.connect: option "context" stands instead of host: leave one of them out$', outcome.raised)
    for _, options in ipairs {'{context = ""}', "{context = 7}", '{host = ""}'} do
      outcome = engine.ask("context", "return docker.connect " .. options, with())
      assert.matches('docker%.connect: option "%a+" must be a string that is not empty, got', outcome.raised)
    end
    outcome = engine.ask("context", 'return docker.connect {contxt = "near"}', with())
    assert.matches('unknown option "contxt" %(did you mean "context"%?%)', outcome.raised)
  end)

  it("leads to the ports that are published there", function()
    for docker_host, authority in pairs {
      ["ssh://far"] = "far:80", ["ssh://me@far:22/x.sock"] = "far:80", ["ssh://me@[::1]:22"] = "[::1]:80",
      ["tcp://far:2375/base@x"] = "far:80", ["tcp://[::1]:2375"] = "[::1]:80", ["unix:///x.sock"] = "127.0.0.1:80",
    } do
      local code = 'print(require "moontide.docker.dial".address(%q, {HostIp = "0.0.0.0", HostPort = "80"}))'
      assert.are.equal(authority .. "\n", host.eval(code:format(docker_host)).out)
    end
  end)

  it("with a broken file says which, where and why", function()
    docker "context create broken --docker host=tcp://h"
    write(meta "broken", '{"Name": "broken",\n "Endpoints": {]}')
    engine.reads(failure 'docker.connect {context = "broken"}',
      'docker.connect: context "broken": line 2, column 16 of its meta.json: ', "; correct it with docker context update")
    write(meta "broken", '{"Name": "broken", "Endpoints": {"kubernetes": {}}}')
    engine.reads(failure 'docker.connect {context = "broken"}', 'docker.connect: context "broken": it has no docker endpoint')
    write(meta "broken", '{"Endpoints": {"docker": {"Host": "npipe:////./pipe/docker_engine"}}}')
    engine.reads(failure 'docker.connect {context = "broken"}',
      'docker.connect: the host of context "broken", "npipe:////./pipe/docker_engine": unix://, tcp://, http://, ')
    docker "context rm broken"
  end)

  it("is not looked for in a broken config", function()
    write("config.json", '{\n  "auths": {},\n  "currentContext": "near\n}')
    local err = failure "docker.list()"
    assert.are.equal("invalid", err.kind)
    engine.reads(err, ("docker.connect: %s/config.json:3:"):format(directory), "; correct the file")
    write("config.json", '{"currentContext": ["near"]}')
    engine.reads(failure "docker.list()",
      ('docker.connect: %s/config.json: "currentContext" must be a string; correct the file'):format(directory))
    assert.are.equal(expected, id(nil, {DOCKER_HOST = SOCKET}))
    assert.are.equal(expected, id(nil, {DOCKER_CONTEXT = "near"}))
    write("config.json", "")
    assert.is_true(engine.value("context", "return docker.connect() and true", with()))
  end)
end)
