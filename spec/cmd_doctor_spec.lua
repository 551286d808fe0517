-- moontide doctor: what it says of engines that are well, ill, and not there.
local cjson = require "cjson"
local fake_engine = require "spec.support.fake_engine"
local host = require "spec.support.host"

local INFO = {
  OperatingSystem = "Debian", CgroupVersion = "2", CgroupDriver = "systemd", Driver = "overlay2",
  DriverStatus = {{"Backing Filesystem", "extfs"}}, LiveRestoreEnabled = true, MemoryLimit = true,
}
local VERSION = {Version = "20.10.24", ApiVersion = "1.41", MinAPIVersion = "1.12"}

local function time(ahead) return os.date("!%Y-%m-%dT%H:%M:%S.5Z", os.time() + (ahead or 0)) end

-- An engine whose /info and /version say this, too.
local function engine(info, version, headers)
  local said = {SystemTime = time()}
  for key, value in pairs(INFO) do said[key] = value end
  for key, value in pairs(info or {}) do said[key] = value end
  for key, value in pairs(VERSION) do version = version or {}; version[key] = version[key] or value end
  return fake_engine.start {
    {"^GET /_ping$", headers = headers or {["Api-Version"] = "1.41"}, body = "OK"},
    {"^GET /v1.41/info$", body = cjson.encode(said)}, {"^GET /v1.41/version$", body = cjson.encode(version)},
  }
end

local function doctor(docker_host, ...)
  return host.run({"-H", docker_host, "doctor", ...})
end

-- The checks of that name.
local function checks(docker_host, name)
  local result = doctor(docker_host, "--json")
  local found = {}
  for _, check in ipairs(cjson.decode(result.out).checks) do
    if check.check == name then found[#found + 1] = check end
  end
  return found, result.code
end

describe("moontide doctor", function()
  after_each(fake_engine.stop_all)

  it("finds nothing wrong with a real engine", function()
    local result = host.run {"doctor"}
    assert.are.same({0, ""}, {result.code, result.err})
    assert.matches("ok    engine     unix:///%S+ %(chosen by%s+DOCKER_HOST%)\n", result.out)
    assert.matches("ok    socket     root:%S+ 0660, root may use it\n", result.out)
    assert.matches("ok    version    Docker Engine 2%d%.%d+", result.out)
    assert.matches("ok    api        1%.%d+ is spoken; the engine knows 1%.%d+ to 1%.%d+\n", result.out)
    assert.matches("ok    cgroups    v[12], driver %a+\n", result.out)
    assert.matches("ok    storage    overlay2 on %a+\n", result.out)
    assert.matches("disk       [%d.]+ .iB free of [%d.]+ .iB at /", result.out)
    assert.matches("ok    clock      differs from ours by less than 2 s\n", result.out)
    assert.matches("0 failures\n$", result.out)
    assert.is_nil(result.out:find("\27", 1, true))
  end)

  it("says with 3 that there is no engine, why, and what to do", function()
    local result = doctor "unix:///nosuch.sock"
    assert.are.equal(3, result.code)
    assert.matches("FAIL  socket     /nosuch.sock: No such file or directory\n +%-> start the engine", result.out)
    assert.matches("FAIL  answer     cannot connect to unix:///nosuch%.sock", result.out)
    assert.are.equal(3, doctor("tcp://127.0.0.1:1").code)
  end)

  it("says with 1 that the host cannot be understood", function()
    local result = doctor "bogus"
    assert.are.equal(1, result.code)
    assert.matches('FAIL  engine     host "bogus"', result.out)
    assert.matches("0 warnings, 1 failure\n$", result.out)
  end)

  it("fits into 80 columns", function()
    for _, where in ipairs {"unix:///nosuch.sock", "bogus", engine().host} do
      for line in doctor(where).out:gmatch("[^\n]+") do assert.is_true(utf8.len(line) <= 80, line) end
    end
  end)

  it("warns of a clock that is more than 2 s away", function()
    local ahead = checks(engine({SystemTime = time(90)}).host, "clock")[1]
    assert.are.equal("warn", ahead.status)
    assert.matches("^the engine's is 1m%d+%.?%d*s ahead of ours$", ahead.text)
    assert.matches("timedatectl", ahead.mend)
    assert.matches("behind ours", checks(engine({SystemTime = time(-90)}).host, "clock")[1].text)
    local zone = os.date("!%Y-%m-%dT%H:%M:%S+02:00", os.time() + 7200)
    assert.are.equal("ok", checks(engine({SystemTime = zone}).host, "clock")[1].status)
  end)

  it("passes on what the engine warns of, harmlessly", function()
    local fake = engine {Warnings = {"WARNING: No swap \27[31mlimit"}}
    local result = doctor(fake.host)
    assert.are.equal(0, result.code)
    assert.matches("warn  warning    No swap \\x1b%[31mlimit\n", result.out)
    assert.matches("1 warning, 0 failures\n$", result.out)
  end)

  it("warns of limits that have no effect", function()
    local found = checks(engine({MemoryLimit = false, PidsLimit = false}).host, "cgroups")
    assert.are.same({"v2, driver systemd", "limits of memory have no effect", "limits of processes have no effect"},
      {found[1].text, found[2].text, found[3].text})
    assert.are.equal("warn", checks(engine({CgroupDriver = "none"}).host, "cgroups")[1].status)
  end)

  it("warns of old engines and poor storage", function()
    assert.matches("older than 20%.10$", checks(engine(nil, {Version = "19.03.5"}).host, "version")[1].text)
    assert.matches("^vfs on extfs: vfs copies", checks(engine({Driver = "vfs"}).host, "storage")[1].text)
  end)

  it("knows Podman", function()
    local fake = engine(nil, {Version = "4.3.1"}, {["Api-Version"] = "1.41", Server = "Libpod/4.3.1 (linux)"})
    assert.are.same({"Podman 4.3.1 on Debian", "ok"}, {
      checks(fake.host, "version")[1].text, checks(fake.host, "version")[1].status})
    assert.are.equal(0, #checks(fake.host, "restarts"))
  end)

  it("ends with 1 for an engine that is ill, and 3 for one that is silent", function()
    local ill = fake_engine.start {{"^GET /v1.41/info$", status = 500, body = '{"message":"disk on fire"}'},
      {"^GET /v1.41/version$", body = cjson.encode(VERSION)}}
    local found, code = checks(ill.host, "answer")
    assert.are.equal(1, code)
    assert.matches("disk on fire", found[1].text)
    local cut = fake_engine.start {{"^GET /_ping$", drop = true}}
    assert.are.equal(3, doctor(cut.host).code)
  end)

  it("looks at the rights of the socket", function()
    local fake = engine()
    local path = fake.host:match("^unix://(.*)$")
    assert.are.equal(0, host.shell("chmod 0666 " .. path).code)
    local check = checks(fake.host, "socket")[1]
    assert.are.same({"warn", "chmod 0660 " .. path}, {check.status, check.mend})
    local file = host.file("")
    local regular = checks("unix://" .. file, "socket")[1]
    assert.matches("is no socket$", regular.text)
    assert.are.equal("say where its socket is, with -H or DOCKER_HOST", regular.mend)
    os.remove(file)
  end)

  it("is coloured on a terminal, unless that is not wanted", function()
    local function on_terminal(environment)
      return host.shell(("script -qec '%s doctor' /dev/null"):format(host.binary), {env = environment}).out
    end
    assert.matches("\27%[32mok   \27%[0m engine", on_terminal {TERM = "xterm", NO_COLOR = false})
    assert.is_nil(on_terminal({TERM = "xterm", NO_COLOR = "1"}):find("\27", 1, true))
    assert.is_nil(on_terminal({TERM = "dumb", NO_COLOR = false}):find("\27", 1, true))
  end)
end)

describe("what doctor makes of facts:", function()
  local rules = require "moontide.cmd.checks"

  local function rights(changed)
    local all = {owner = "root", group = "docker", mode = "0660", socket = true, usable = false, user = "eve"}
    for key, value in pairs(changed) do all[key] = value end
    return rules.socket("/run/docker.sock", all)
  end

  it("who may not use the socket is told how to get there", function()
    assert.are.same({"fail", "root:docker 0660: eve may not use it", "sudo usermod -aG docker eve, then log in again"},
      {rights({}).status, rights({}).text, rights({}).mend})
    assert.are.equal("log in again, or: newgrp docker", rights({listed = true}).mend)
    assert.matches("^run moontide as root", rights({group = "root"}).mend)
  end)

  it("little room on the disk is a warning, none a failure", function()
    local function disk(free, all)
      local facts = {version = {}, api = "1.41", info = {DockerRootDir = "/d"}, disk_free = free, disk_all = all}
      for _, check in ipairs(rules.of_engine(facts)) do
        if check.check == "disk" then return check.status end
      end
    end
    local gib = 1 << 30
    assert.are.equal("ok", disk(50 * gib, 100 * gib))
    assert.are.equal("ok", disk(50 * gib, 1000 * gib))
    assert.are.equal("warn", disk(3 * gib, 100 * gib))
    assert.are.equal("fail", disk(gib // 10, 100 * gib))
    assert.is_nil(disk(nil, "No such file or directory"))
  end)
end)
