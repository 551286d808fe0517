-- What a registry is told about us: from the caller, the docker config, and its helpers.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local directory

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

-- A program docker-credential-NAME: what the shell does.
local function helper(name, script)
  write("docker-credential-" .. name, "#!/bin/sh\n" .. script .. "\n")
  host.shell(("chmod +x '%s/docker-credential-%s'"):format(directory, name))
end

local function options(config, variables)
  if config then write("config.json", config) end
  local env = {DOCKER_CONFIG = directory, DOCKER_AUTH_CONFIG = false, PATH = directory .. ":" .. os.getenv("PATH")}
  for name, value in pairs(variables or {}) do env[name] = value end
  return {env = env}
end

-- The call, as docker.pull makes it.
local function code(image, given)
  return ('local auth = require "moontide.docker.auth"; local text, err = auth.header(%q, %s); if err then return nil, err end; '
    .. 'return text or "anonymous"'):format(image, given or "nil")
end

-- What the header says.
local function says(image, config, given, variables)
  local text = engine.value("auth", code(image, given), options(config, variables))
  if text == "anonymous" then return text end
  assert.is_nil(text:find("[^%w_=-]"))
  return cjson.decode(host.shell("tr -- -_ +/ | base64 -d", {stdin = text}).out)
end

-- Why there is none; never a secret.
local function failure(image, config, variables)
  local err = engine.failure("auth", code(image), options(config, variables))
  assert.is_nil(err.text:find("hidden", 1, true))
  return err
end

local function config_of(key) return ('{"auths": {"%s": {"auth": "bWU6aGlkZGVu"}}}'):format(key) end

local ME = {username = "me", password = "hidden"}

local function me_at(server) return {username = ME.username, password = ME.password, serveraddress = server} end

setup(function() directory = host.shell("mktemp -d").out:gsub("\n", "") end)

describe("credentials of the docker config", function()
  it("go to their registry, and to no other", function()
    assert.are.same(me_at "r:5000", says("r:5000/web:1", config_of "r:5000"))
    assert.are.same(me_at "r:5000", says("r:5000/team/web", config_of "https://r:5000/v1/"))
    assert.are.same(me_at "https://index.docker.io/v1/", says("web", config_of "https://index.docker.io/v1/"))
    assert.are.equal("anonymous", says("web", config_of "r:5000"))
    assert.are.equal("anonymous", says("q:5000/web", config_of "r:5000"))
    assert.are.equal("anonymous", says("r:5000/web", "{}"))
    os.remove(directory .. "/config.json")
    assert.are.equal("anonymous", says("r:5000/web"))
  end)

  it("may come from the environment, which wins", function()
    local old = '{"auths": {"r:1": {"auth": "b2xkOm9sZA=="}, "r:2": {"auth": "bWU6aGlkZGVu"}}}'
    local variables = {DOCKER_AUTH_CONFIG = config_of "r:1"}
    assert.are.same(me_at "r:1", says("r:1/web", old, nil, variables))
    assert.are.same(me_at "r:2", says("r:2/web", old, nil, variables))
  end)

  it("that are broken are an error", function()
    local err = failure("r:1/web", '{\n"auths": {"r:1": {"auth": "hidden"}}')
    assert.are.same({"invalid", "docker.pull"}, {err.kind, err.op})
    engine.reads(err, ("docker.pull: %s/config.json:2:"):format(directory), "; correct the file")
    err = failure("r:1/web", '{"auths": {"r:1": {"auth": "hidden!!"}}}')
    engine.reads(err, 'docker.pull: the credentials for "r:1" in the docker config: "auth" is no base64; log in again')
    err = failure("r:1/web", "{}", {DOCKER_AUTH_CONFIG = "{hidden"})
    engine.reads(err, "docker.pull: DOCKER_AUTH_CONFIG:1:2: ")
  end)
end)

describe("credentials of the caller", function()
  it("win over the config's", function()
    local given = '{username = "you", password = "p?~>"}'
    assert.are.same({username = "you", password = "p?~>", serveraddress = "r:1"}, says("r:1/web", config_of "r:1", given))
    assert.are.same({identitytoken = "t", serveraddress = "s"},
      says("r:1/web", "not even JSON", '{identity_token = "t", server = "s"}'))
  end)

  it("are checked, and not shown", function()
    for given, message in pairs {
      ['{username = "me"}'] = 'option "auth.password" is missing; give it with username',
      ['{password = "hidden"}'] = 'option "auth.username" is missing',
      ["{}"] = 'option "auth.username" is missing; give it and password, or identity_token',
      ['{identity_token = "hidden", password = "hidden"}'] = 'option "auth.identity_token" stands instead of username',
      ['{username = "me", password = ""}'] = 'option "auth.password" must not be empty',
      ['{username = "me", password = {"hidden"}}'] = 'option "auth.password" must be a string, got table',
      ['{username = "me", password = 7654321}'] = 'option "auth.password" must be a string, got number (not shown',
      ['{user = "me", password = "hidden"}'] = 'unknown option "auth.user"; valid: identity_token, password, server, username',
      ['"me:hidden"'] = 'option "auth" must be a table',
    } do
      local outcome = engine.ask("auth", code("r:1/web", given), options "{}")
      assert.matches("^[^ ]+%.lua:%d+: docker%.pull: ", outcome.raised)
      assert.is_truthy(outcome.raised:find(message, 1, true), outcome.raised)
      assert.is_nil(outcome.raised:find("hidden", 1, true))
      assert.is_nil(outcome.raised:find("7654321", 1, true))
    end
  end)
end)

describe("a credential helper", function()
  local STORE = '{"credsStore": "%s", "auths": {"r:1": {"auth": "b2xkOm9sZA=="}}}'

  local function asked(script, image)
    helper("test", script)
    return says(image or "r:1/web", STORE:format "test")
  end

  local function refused(script)
    helper("test", script)
    return failure("r:1/web", STORE:format "test")
  end

  it("is asked for the registry, and gives a password or a token", function()
    local script = [[test "$1" = get || exit 1; read -r key; printf '{"ServerURL":"","Username":"me at %s","Secret":"x"}' "$key"]]
    assert.are.same({username = "me at r:1", password = "x", serveraddress = "r:1"}, asked(script))
    local hub = "https://index.docker.io/v1/"
    assert.are.same({username = "me at " .. hub, password = "x", serveraddress = hub}, asked(script, "web"))
    assert.are.same({identitytoken = "hidden", serveraddress = "r:1"},
      asked [[echo '{"Username":"<token>","Secret":"hidden"}']])
    assert.are.same(me_at "r:1", asked [[echo a warning >&2; echo '{"Username":"me","Secret":"hidden"}']])
  end)

  it("of that registry comes before the one of all", function()
    helper("all", "exit 7")
    helper("one", [[echo '{"Username":"me","Secret":"hidden"}']])
    local config = '{"credsStore": "all", "credHelpers": {"r:1": "one", "r:2": ""}, "auths": {"r:2": {"auth": "bWU6aGlkZGVu"}}}'
    assert.are.same(me_at "r:1", says("r:1/web", config))
    assert.are.same(me_at "r:2", says("r:2/web", config))
    engine.reads(failure("r:3/web", config),
      'docker.pull: docker-credential-all, asked for the credentials for "r:3", ended with exit code 7; try: ')
  end)

  it("that knows nothing makes us nobody", function()
    assert.are.equal("anonymous", asked "echo credentials not found in native keychain; exit 1")
    assert.are.equal("anonymous", asked "echo error: credentials not found >&2; exit 1")
  end)

  it("that fails is an error, with what it says", function()
    local err = refused "echo pass not initialized: exit status 1; exit 1"
    assert.are.same({"invalid", "docker.pull"}, {err.kind, err.op})
    engine.reads(err, 'docker.pull: docker-credential-test, asked for the credentials for "r:1", ended with exit code 1: '
      .. "pass not initialized: exit status 1; try: echo r:1 | docker-credential-test get")
    err = refused [[echo '{"Username":"me","Secret":"hidden"}'; exit 1]]
    engine.reads(err, "docker.pull: docker-credential-test, asked", "ended with exit code 1; try")
    engine.reads(refused "printf 'a\\033[31mb'; exit 1", "docker.pull: ", ": a\\x1b[31mb; try")
    engine.reads(refused "kill -TERM $$", "docker.pull: ", "was ended by signal 15; try")
  end)

  it("that prints junk is an error", function()
    for _, script in ipairs {"echo hidden", "true", [[echo '["hidden"]']], [[echo '{"Secret":"hidden"}']],
      "printf 'hid\\000den'", [[echo '{"Username":"me","Secret":"hidden"']]} do
      engine.reads(refused(script), 'docker.pull: docker-credential-test, asked for "r:1", printed ', "; try: echo r:1 | ")
    end
    local err = refused "head -c 10000000 /dev/zero | tr '\\000' x"
    engine.reads(err, 'docker.pull: cannot ask docker-credential-test for the credentials for "r:1": ')
  end)

  it("that is missing is an error", function()
    local err = failure("r:1/web", STORE:format "nosuch")
    assert.are.equal("not_found", err.kind)
    engine.reads(err, "docker.pull: there is no program docker-credential-nosuch in PATH", '"r:1"', 'remove it from "credsStore"')
    write("docker-credential-locked", "x")
    engine.reads(failure("r:1/web", STORE:format "locked"), "docker.pull: cannot ask docker-credential-locked", "chmod +x")
    engine.reads(failure("r:1/web", STORE:format "../x"),
      'docker.pull: the credential helper "../x" in the docker config: its name may hold letters, digits, _ and -')
  end)

  it("that hangs is ended after 10 s, with what it started", function()
    local before = os.time()
    local err = refused "echo $$ >\"$DOCKER_CONFIG/pid\"; sleep 1000 & exec sleep 1000"
    local took = os.time() - before
    assert.are.equal("timeout", err.kind)
    engine.reads(err, 'docker.pull: docker-credential-test, asked for the credentials for "r:1", did not end within 10 s; '
      .. "it may wait for a keychain")
    assert.is_true(took >= 9 and took < 20)
    local gone = "for i in $(seq 500); do pgrep -r R,S,D -g $(cat '%s/pid') || exit 0; sleep 0.01; done; exit 1"
    assert.are.equal(0, host.shell(gone:format(directory)).code)
  end)
end)
