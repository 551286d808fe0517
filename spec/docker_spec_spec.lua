local null = require("cjson").null
local spec = require "moontide.docker.spec"

local function compile(given)
  given.image = given.image or "web"
  return spec.compile("docker.run", given)
end

local function message(given)
  local ok, err = pcall(compile, given)
  assert.is_false(ok)
  return (err:gsub("^[^ ]+:%d+: ", ""))
end

-- One option, and what becomes of it in the engine's body.
local function becomes(option, cases)
  for _, case in ipairs(cases) do
    local given, place, expected = case[1], case[2], case[3]
    it(("%s = %s"):format(option, type(given) == "table" and "{...} -> " .. place or tostring(given)), function()
      local _, body = compile {[option] = given}
      local found = body
      for part in place:gmatch("[^.]+") do found = found[part] end
      assert.same(expected, found)
    end)
  end
end

-- One option, and the end of what is raised after `docker.run: option "OPTION`.
local function raises(option, cases)
  for _, case in ipairs(cases) do
    it(("%s: raises %s"):format(option, case[2]), function()
      local text = message {[option] = case[1]}
      local start = ('docker.run: option "%s'):format(option)
      assert.equal(start, text:sub(1, #start))
      assert.equal(case[2], (text:sub(#start + 1):gsub('^" ', "")))
    end)
  end
end

describe("docker.spec compile", function()
  it("sends what every container needs and nothing else", function()
    local name, body, networks = compile {image = "busybox:1.36"}
    assert.is_nil(name)
    assert.same({Image = "busybox:1.36", StopTimeout = 10, HostConfig = {RestartPolicy = {Name = "unless-stopped"}}}, body)
    assert.same({}, networks)
  end)

  it("gives name, body and the networks to join later", function()
    local name, body, networks = compile {name = "web-1", networks = {"front", "back", "side"}}
    assert.equal("web-1", name)
    assert.equal("front", body.HostConfig.NetworkMode)
    assert.same({"back", "side"}, networks)
  end)

  it("puts each limit where the engine looks for it", function()
    local _, body = compile {resources = {cpu = "500m", memory = "256m", pids = 100, status = "stopped"}}
    assert.same({RestartPolicy = {Name = "unless-stopped"}, NanoCpus = 500000000, Memory = 268435456, PidsLimit = 100},
      body.HostConfig)
  end)

  it("exposes and binds ports", function()
    local _, body = compile {ports = {["80/tcp"] = 0}}
    assert.same({["80/tcp"] = {}}, body.ExposedPorts)
    assert.same({["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = ""}}}, body.HostConfig.PortBindings)
  end)

  it("lays host_config over the rest, key by key", function()
    local _, body = compile {restart = "no", resources = {memory = "256m"},
      host_config = {RestartPolicy = {Name = "always"}, ShmSize = 5}}
    assert.same({RestartPolicy = {Name = "always"}, Memory = 268435456, ShmSize = 5}, body.HostConfig)
  end)

  it("marks lists, so that an empty one is [] in JSON", function()
    local _, body = compile {env = {}, volumes = {}, extra_hosts = {}}
    for _, list in ipairs {body.Env, body.HostConfig.Binds, body.HostConfig.ExtraHosts} do
      assert.same({}, list)
      assert.equal("array", getmetatable(list).__jsontype)
    end
  end)

  it("leaves the caller's table alone", function()
    local given = {image = "web", env = {A = 1}, stop_timeout = "5s", command = {"a"}, networks = {"x", "y"}}
    compile(given)
    assert.same({image = "web", env = {A = 1}, stop_timeout = "5s", command = {"a"}, networks = {"x", "y"}}, given)
  end)

  it("says what is missing, unknown or no spec at all", function()
    local ok, err = pcall(spec.compile, "docker.run", {name = "web-1"})
    assert.is_false(ok)
    assert.truthy(err:find('docker.run: option "image" is missing', 1, true))
    assert.equal('docker.run: unknown option "imgae" (did you mean "image"?)', message {imgae = "x"})
    assert.equal('docker.run: unknown option "resources.cpus" (did you mean "cpu"?)', message {resources = {cpus = 1}})
    assert.equal('docker.run: unknown option "healthcheck.intervall" (did you mean "interval"?)',
      message {healthcheck = {intervall = 1}})
    assert.truthy(message({hostname = "bad_host name!"}):find(
      '^docker.run: unknown option "hostname"; valid: command, entrypoint, env, '))
    assert.is_false(pcall(spec.compile, "docker.run", "web"))
  end)

  it("refuses ports where nothing can be published", function()
    for _, network in ipairs {"host", "none", "container:web-1"} do
      assert.equal(('docker.run: ports cannot be published on network "%s"; leave out ports or networks'):format(network),
        message {networks = {network}, ports = {["80/tcp"] = 0}})
    end
  end)
end)

describe("docker.spec options", function()
  becomes("command", {
    {"sleep 10", "Cmd", {"sleep", "10"}}, {{"sleep", 10, "a b", ""}, "Cmd", {"sleep", "10", "a b", ""}},
    {{1.0}, "Cmd", {"1"}},
  })
  becomes("entrypoint", {{"sh -c", "Entrypoint", {"sh", "-c"}}, {"", "Entrypoint", {""}}})
  becomes("env", {{{B = true, A = "x=y", C = 8080.0, D = "", E = 0.5}, "Env", {"A=x=y", "B=true", "C=8080", "D=", "E=0.5"}}})
  becomes("labels", {{{["a.b/c"] = "", d = "e"}, "Labels", {["a.b/c"] = "", d = "e"}}, {{}, "Labels", {}}})
  becomes("user", {{1000, "User", "1000"}, {"app", "User", "app"}, {"1000:1000", "User", "1000:1000"}})
  becomes("workdir", {{"/srv", "WorkingDir", "/srv"}})
  becomes("init", {{true, "HostConfig.Init", true}, {false, "HostConfig.Init", false}})
  becomes("restart", {
    {"no", "HostConfig.RestartPolicy", {Name = "no"}}, {"always", "HostConfig.RestartPolicy", {Name = "always"}},
    {"on-failure", "HostConfig.RestartPolicy", {Name = "on-failure"}},
    {"on-failure:3", "HostConfig.RestartPolicy", {Name = "on-failure", MaximumRetryCount = 3}},
  })
  becomes("stop_timeout", {{0, "StopTimeout", 0}, {"1500ms", "StopTimeout", 2}, {"1m", "StopTimeout", 60}})
  becomes("stop_signal", {
    {"SIGINT", "StopSignal", "SIGINT"}, {"term", "StopSignal", "SIGTERM"}, {15, "StopSignal", "15"},
    {"9", "StopSignal", "9"}, {"SIGRTMIN+15", "StopSignal", "SIGRTMIN+15"}, {"rtmax-14", "StopSignal", "SIGRTMAX-14"},
  })
  becomes("volumes", {
    {{"/srv:/data:ro,z", "cache:/x"}, "HostConfig.Binds", {"/srv:/data:ro,z", "cache:/x"}},
    {{["/srv"] = "/data:ro", cache = "/x"}, "HostConfig.Binds", {"/srv:/data:ro", "cache:/x"}},
    {{"/:/host:ro,rslave"}, "HostConfig.Binds", {"/:/host:ro,rslave"}},
  })
  becomes("networks", {{{"none"}, "HostConfig.NetworkMode", "none"},
    {{"container:web-1"}, "HostConfig.NetworkMode", "container:web-1"}})
  becomes("extra_hosts", {
    {{db = "192.0.2.1", api = "2001:db8::1"}, "HostConfig.ExtraHosts", {"api:2001:db8::1", "db:192.0.2.1"}},
    {{"up:host-gateway"}, "HostConfig.ExtraHosts", {"up:host-gateway"}},
  })
  becomes("log", {{{driver = "json-file", options = {["max-size"] = "10m", ["max-file"] = 3.0}}, "HostConfig.LogConfig",
    {Type = "json-file", Config = {["max-size"] = "10m", ["max-file"] = "3"}}}})
  becomes("healthcheck", {
    {{command = "curl -f localhost", interval = "5s", timeout = 0.5, retries = 3, start_period = 0}, "Healthcheck",
      {Test = {"CMD-SHELL", "curl -f localhost"}, Interval = 5000000000, Timeout = 500000000, Retries = 3, StartPeriod = 0}},
    {{command = {"true", "x"}}, "Healthcheck", {Test = {"CMD", "true", "x"}}},
    {{test = {"CMD-SHELL", "true"}}, "Healthcheck", {Test = {"CMD-SHELL", "true"}}},
    {{interval = "1ms"}, "Healthcheck", {Interval = 1000000}},
    {false, "Healthcheck", {Test = {"NONE"}}}, {"none", "Healthcheck", {Test = {"NONE"}}},
  })

  raises("image", {
    {"UPPER/x", 'is a bad image reference: a repository is in lower case; write "upper/x", got string "UPPER/x"'},
    {7, "must be a string, got number 7"},
  })
  raises("name", {
    {"", 'must be 2 to 255 letters, digits, "_", ".", "-", the first a letter or digit, got string ""'},
    {"w\n2", 'must be 2 to 255 letters, digits, "_", ".", "-", the first a letter or digit, got string "w\\x0a2"'},
    {"a", 'must be 2 to 255 letters, digits, "_", ".", "-", the first a letter or digit, got string "a"'},
    {7, "must be a string, got number 7"},
  })
  raises("command", {
    {"echo 'x", "cannot be split into words: the quote ' at byte 6 is never closed"},
    {'echo "x', 'cannot be split into words: the quote " at byte 6 is never closed'},
    {"a && b", 'cannot be split into words: "&" needs a shell: quote it, or write {"sh", "-c", "..."}'},
    {{}, "is empty; leave it out for the image's own"}, {"  ", "is empty; leave it out for the image's own"},
    {{a = 1}, "must be a list of strings without gaps or names"},
    {{"a", nil, "b"}, "must be a list of strings without gaps or names"},
    {{"a", {}}, "must be a list of strings, got a table as word 2"},
    {{"a\0b"}, "has a NUL byte in word 1"}, {7, "must be a string or a table, got number 7"},
    {{("x"):rep(131072)}, "has 131072 bytes in word 1, at most 131071"},
  })
  raises("env", {
    {{1, 2}, 'must be {NAME = "value", ...}, got number 1 as a name'},
    {{["A=b"] = ""}, 'has the bad name "A=b": no blanks, no "=", not empty'},
    {{[""] = "x"}, 'has the bad name "": no blanks, no "=", not empty'},
    {{["A\0"] = "x"}, 'has the bad name "A\\x00": no blanks, no "=", not empty'},
    {{A = "\0b"}, 'has a NUL byte in "A"'},
    {{A = ("x"):rep(2 ^ 20)}, 'has 1048578 bytes in "A", at most 131071; use a file'},
    {{PASSWORD = {"hunter2"}}, 'must have a string, number or boolean for "PASSWORD", got table'},
    {{A = null}, 'must have a string, number or boolean for "A", got userdata'},
    {{A = 0 / 0}, 'must have a string, number or boolean for "A", got number'},
    {"A=b", 'must be a table, got string (not shown: it may be a secret)'},
  })
  raises("labels", {
    {{a = 1}, 'must have a string for "a", got number 1'}, {{a = null}, 'must have a string for "a", got null'},
    {{"a=b"}, 'must be {name = "value", ...}, got number 1 as a name'},
    {{api_token = 4711}, 'must have a string for "api_token", got number (not shown: it may be a secret)'},
  })
  raises("resources", {
    {{cpu = "1x"}, '.cpu" must be CPUs above 0, as 0.5, "500m" or 2, got string "1x"'},
    {{cpu = 0}, '.cpu" must be CPUs above 0, as 0.5, "500m" or 2, got number 0'},
    {{cpu = "9m"}, '.cpu" must be at least 0.01 CPUs, the engine\'s minimum, got string "9m"'},
    {{memory = "256q"}, '.memory" must be memory above 0, as "256m", "1.5g" or bytes, got string "256q"'},
    {{memory = "1e+14"}, '.memory" must be memory above 0, as "256m", "1.5g" or bytes, got string "1e+14"'},
    {{memory = -5}, '.memory" must be memory above 0, as "256m", "1.5g" or bytes, got number -5'},
    {{memory = "5"}, '.memory" must be at least "6m", the engine\'s minimum, got string "5"'},
    {{memory = 6291455}, '.memory" must be at least "6m", the engine\'s minimum, got number 6291455'},
    {{pids = 0}, '.pids" must be a whole number above 0, or -1 for no limit, got number 0'},
    {{status = "up"}, '.status" must be "running" or "stopped", got string "up"'},
  })
  raises("ports", {{80, "must be a table, got number 80"}})
  local form = '"/host/dir:/dir", "volume:/dir" or "/host/dir:/dir:ro"'
  raises("volumes", {
    {{"/a"}, "has a volume that is not like " .. form .. ', got string "/a"'},
    {{"/a:/b:ro:x"}, "has a volume that is not like " .. form .. ', got string "/a:/b:ro:x"'},
    {{"../a:/x"}, 'has a volume that begins with neither an absolute path nor a volume\'s name, got string "../a:/x"'},
    {{"/a:x"}, 'has a volume that does not go to an absolute path in the container, got string "/a:x"'},
    {{"/a:///"}, 'has a volume that hides / of the container, got string "/a:///"'},
    {{"rel:/x:badmode"}, 'has a volume that has the unknown mode "badmode" (try "ro" or "rw"), got string "rel:/x:badmode"'},
    {{"/a:/x", "/b:/x/"}, 'has two volumes for "/x"'}, {{7}, "must hold texts like " .. form .. ", got number 7"},
  })
  raises("networks", {
    {{"a", "a"}, 'names "a" twice'}, {{"host", "a"}, 'has "host", which excludes every other network'},
    {{""}, 'must be a list of names, got string ""'}, {{a = {}}, "must be a list of names"},
  })
  raises("healthcheck", {
    {{interval = 1e-9}, '.interval" must be at least "1ms", the engine\'s minimum'},
    {{timeout = -1}, '.timeout" must be a duration (seconds, or "250ms", "5m", "1h30m"), got number -1'},
    {{interval = "10x"}, '.interval" must be a duration (seconds, or "250ms", "5m", "1h30m"), got string "10x"'},
    {{retries = 0}, '.retries" must be a whole number above 0, got number 0'},
    {{command = " "}, '.command" is empty'},
    {{command = "a", test = {"NONE"}}, "has both command and test; leave one out"},
    {{test = {"curl", "x"}}, '.test" must be {"CMD", word, ...}, {"CMD-SHELL", text} or {"NONE"}'},
    {{test = {"CMD"}}, '.test" must be {"CMD", word, ...}, {"CMD-SHELL", text} or {"NONE"}'},
    {true, 'must be a table, false or "none", got boolean true'},
  })
  raises("stop_signal", {
    {"SIGNOPE", 'must be a signal, as "SIGTERM" or "SIGUSR1", got string "SIGNOPE"'},
    {"SIGTREM", 'must be a signal (did you mean "SIGTERM"?), got string "SIGTREM"'},
    {0, "must be a signal from 1 to 64, got number 0"},
    {"RTMAX-15", 'must be a signal, as "SIGTERM" or "SIGUSR1", got string "RTMAX-15"'},
    {"SIGRTMIN+99", 'must be a signal, as "SIGTERM" or "SIGUSR1", got string "SIGRTMIN+99"'},
  })
  local choices = 'must be "no", "always", "unless-stopped", "on-failure" or "on-failure:3", got string '
  raises("restart", {
    {"sometimes", choices .. '"sometimes"'}, {"allways", choices .. '"allways" (did you mean "always"?)'},
    {"always:3", choices .. '"always:3" (did you mean "always"?)'}, {"on-failure:-1", choices
      .. '"on-failure:-1" (did you mean "on-failure"?)'},
  })
  raises("stop_timeout", {{-1, 'must be a duration (seconds, or "250ms", "5m", "1h30m"), got number -1'}})
  raises("pull", {{"sometimes", 'must be "missing", "always" or "never", got string "sometimes"'}})
  raises("user", {{"", 'must be a user, an uid, or "user:group", got string ""'}})
  raises("workdir", {{"srv", 'must be an absolute path in the container, got string "srv"'}})
  raises("log", {{{}, '.driver" is missing'},
    {{driver = "x", options = {a = {}}}, '.options" must be {name = "value", ...}, got a table for string "a"'}})
  raises("extra_hosts", {{{db = "db.local"}, 'must have an IP address or "host-gateway" for "db", got string "db.local"'},
    {{"db"}, 'must be like "name:192.0.2.1", got string "db"'}, {{["a b"] = "::1"}, 'has the bad host name "a b"'}})
  raises("host_config", {{{1}, "must be {Name = value, ...}, as the engine has it"}})
end)
