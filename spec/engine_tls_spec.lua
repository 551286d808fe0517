-- The engine of the tests over TCP with TLS: it wants a certificate of every client.
local engine = require "spec.support.engine"
local fake = require "spec.support.fake_engine"
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local LABEL = "engine_tls"
local CERTIFICATES = os.getenv("MOONTIDE_ENGINE_DIR") .. "/tls"
local HOST = "tcp://localhost:2376"

-- A DOCKER_CERT_PATH with these files: name -> name of the one that tls.sh made, or text.
local function directory(files)
  local path = host.shell("mktemp -d").out:gsub("\n", "")
  for name, source in pairs(files) do
    host.shell(("cp '%s/%s.pem' '%s/%s.pem' || echo '%s' >'%s/%s.pem'"):format(
      CERTIFICATES, source, path, name, source, path, name))
  end
  return path
end

local function over_tls(path, docker_host)
  return {env = {DOCKER_HOST = docker_host or HOST, DOCKER_TLS_VERIFY = "1", DOCKER_CERT_PATH = path or CERTIFICATES}}
end

after_each(fake.stop_all)

describe("an engine over TLS", function()
  teardown(function() engine.clean(LABEL) end)

  it("runs, lists, measures and stops containers", function()
    local got = engine.value(LABEL, [[
      local made = assert(docker.run(web {name = "spec-tls", ports = {["80/tcp"] = 0}}))
      local ports = assert(docker.wait_ports("spec-tls", {"80/tcp"}, {probe = "tcp"}))
      local stats = assert(docker.stats "spec-tls")
      local listed = assert(docker.list {label = {spec = LABEL}})
      return {made = made.status, port = #ports["80/tcp"], cpu = stats.cpu_percent,
        listed = listed[1].name, stopped = docker.stop "spec-tls", removed = docker.remove "spec-tls"}
    ]], over_tls())
    assert.is_number(got.cpu)
    got.cpu = nil
    assert.are.same({made = "running", port = 1, listed = "spec-tls", stopped = true, removed = true}, got)
    assert.are.same({}, engine.containers(LABEL))
  end)

  it("is named by connect, with or without verification, beside another one", function()
    local got = engine.value(LABEL, ([[
      local function id(options) return assert(assert(docker.connect(options)).info()).ID end
      local path = %q
      return {docker.info().ID, id {host = %q, tls_verify = true, cert_path = path},
        id {host = "https://localhost:2376", cert_path = path},
        id {host = "tcp://127.0.0.1:2376", tls_verify = false, cert_path = path}}
    ]]):format(CERTIFICATES, HOST))
    assert.are.same({got[1], got[1], got[1], got[1]}, got)
  end)

  it("is used by a command", function()
    local result = host.run({"-H", HOST, "ps", "--json"}, over_tls())
    assert.are.same({0, "[]\n", ""}, {result.code, result.out, result.err})
  end)

  it("carries streams, and bytes both ways", function()
    assert.are.same(engine.WENT_BOTH_WAYS, engine.value(LABEL, engine.BOTH_WAYS, over_tls()))
  end)

  it("answers many calls at once", function()
    assert.are.equal(40, engine.value(LABEL, [[
      local numbers = {}
      for i = 1, 40 do numbers[i] = i end
      return #mt.map(numbers, function() return assert(docker.ping()).ApiVersion end)
    ]], over_tls()))
  end)
end)

describe("TLS fails:", function()
  local SETUP = "docker.ping: cannot set up TLS with https://localhost:2376: "
  -- The engine hangs up as soon as it has seen the certificate: what it says of that is lost now and then.
  local REFUSED = " the client certificate: show one that is valid and from a CA that it trusts"
  local ISSUER = "give the certificate of its CA: ca_file, for an engine ca.pem in cert_path"
  local ALL = {ca = "ca", cert = "cert", key = "key"}

  local function but(changes)
    local files = {}
    for name, source in pairs(ALL) do files[name] = changes[name] == nil and source or changes[name] or nil end
    return files
  end

  -- what, kind, files, how the message begins and what else it says; {} stands for the directory
  local cases = {
    {"no client certificate", "transport", but {cert = false, key = false}, SETUP,
      "; show it a client certificate: cert_file and key_file, for an engine cert_path"},
    {"a client's certificate that another CA signed", "transport", but {cert = "stranger"}, SETUP, REFUSED},
    {"a client's certificate that has expired", "transport", but {cert = "expired"}, SETUP, REFUSED},
    {"a client's certificate that is a server's", "transport", but {cert = "server"}, SETUP, REFUSED},
    {"a CA that is not the server's", "transport", but {ca = "other"},
      SETUP .. "SSL certificate problem: unable to get local issuer certificate; " .. ISSUER},
    {"no CA", "transport", but {ca = false}, SETUP .. "SSL certificate problem: unable to get local issuer", ISSUER},
    {"a certificate without its key", "invalid", but {key = false},
      "docker.connect: {} has no key.pem; a client certificate needs cert.pem and key.pem"},
    {"a key without its certificate", "invalid", but {cert = false},
      "docker.connect: {} has no cert.pem; a client certificate needs cert.pem and key.pem"},
    {"an empty directory", "invalid", {},
      "docker.connect: there is no ca.pem and no cert.pem in {}; set DOCKER_CERT_PATH to the directory that holds them"},
    {"a CA that is none", "invalid", but {ca = "no certificate"}, SETUP .. "error setting certificate file: {}/ca.pem; "
      .. "check that the file is there and holds certificates in PEM"},
    {"a client's certificate that is none", "invalid", but {cert = "no certificate"},
      SETUP .. "could not load PEM client certificate from {}/cert.pem", "; check the client certificate and its key"},
    {"a key of another certificate", "invalid", but {key = "ca.key"},
      SETUP .. "unable to set private key file: '{}/key.pem' type PEM; check the client certificate and its key"},
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local path = directory(case[3])
      local err = engine.failure(LABEL, "return docker.ping()", over_tls(path))
      assert.are.equal(case[2], err.kind)
      err.text = err.text:gsub(path:gsub("%p", "%%%0"), "{}")
      engine.reads(err, table.unpack(case, 4))
      assert.is_nil(err.text:find("PRIVATE", 1, true))
    end)
  end

  it("a directory that is not there", function()
    engine.reads(engine.failure(LABEL, "return docker.ping()", over_tls "/nosuch"),
      "docker.connect: there is no ca.pem and no cert.pem in /nosuch; set DOCKER_CERT_PATH to the directory that holds them")
  end)

  it("a name that the certificate is not for", function()
    engine.reads(engine.failure(LABEL, "return docker.ping()", over_tls(nil, "tcp://127.0.0.1:2376")),
      "docker.ping: cannot set up TLS with https://127.0.0.1:2376: SSL: no alternative certificate subject name matches "
      .. "target host name '127.0.0.1'; use a name that its certificate is for")
  end)

  for certificate, message in pairs {
    expired = "SSL certificate problem: certificate has expired; its certificate has to be renewed, unless this machine's "
      .. "clock is wrong",
    elsewhere = "SSL: no alternative certificate subject name matches target host name 'localhost'; use a name that its "
      .. "certificate is for",
  } do
    it("a server's certificate: " .. certificate, function()
      local server = http_server.start_tls({[certificate] = ("%s/%s.pem"):format(CERTIFICATES, certificate),
        key = CERTIFICATES .. "/key.pem"}, certificate)
      finally(function() server:stop() end)
      local err = engine.failure(LABEL, "return docker.ping()", over_tls(nil, "tcp://localhost:" .. server.port))
      assert.are.equal("transport", err.kind)
      engine.reads(err, ("docker.ping: cannot set up TLS with https://localhost:%s: %s"):format(server.port, message))
    end)
  end

  it("a client that speaks plain HTTP", function()
    local err = engine.failure(LABEL, "return docker.list()", {env = {DOCKER_HOST = HOST}})
    assert.are.equal("transport", err.kind)
    engine.reads(err, "docker.list: the engine speaks TLS only; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH (engine: Client "
      .. "sent an HTTP request to an HTTPS server.)")
  end)

  it("a server that speaks plain HTTP", function()
    local server = http_server.start()
    finally(function() server:stop() end)
    engine.reads(engine.failure(LABEL, "return docker.ping()", over_tls(nil, "tcp://localhost:" .. server.port)),
      ("docker.ping: cannot set up TLS with https://localhost:%s: "):format(server.port), "; if it does not speak TLS, use ")
  end)

  it("nobody listens", function()
    local gone = fake.start({}, {tcp = true})
    gone:stop()
    local port = gone.host:match("%d+$")
    engine.reads(engine.failure(LABEL, "return docker.ping()", over_tls(nil, "tcp://localhost:" .. port)),
      ("docker.ping: cannot connect to https://localhost:%s: Connection refused; is the Docker Engine running?"):format(port))
  end)
end)
