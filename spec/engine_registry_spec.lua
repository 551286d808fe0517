-- Pulls from a registry that wants a log-in.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local registry = require "spec.support.registry"

local LABEL = "engine_registry"
local WEB, LAYERS = "127.0.0.1:5000/team/web:1", "127.0.0.1:5000/layers:latest"
local it_runs, config

local function contents(name, text)
  local file = assert(io.open(config .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

-- A docker config with that text; docker-credential-spec is a program of the shell's.
local function with(text, helper)
  contents("config.json", text)
  if helper then contents("docker-credential-spec", "#!/bin/sh\n" .. helper) end
  host.shell(("chmod 755 '%s'/docker-credential-spec"):format(config))
  return {env = {DOCKER_CONFIG = config, PATH = config .. ":" .. os.getenv("PATH")}, timeout = 60}
end

local function auths(text) return cjson.encode {auths = {["127.0.0.1:5000"] = {auth = registry.base64(text)}}} end

local function has(image) return (engine.api("GET", "/images/" .. image .. "/json")) == 200 end

local function forget(image) engine.api("DELETE", "/images/" .. image) end

setup(function()
  config = host.shell("mktemp -d").out:gsub("\n", "")
  it_runs = registry.start("me", "se:cret")
  local built = host.shell("scripts/images.sh build layers")
  assert(built.code == 0, built.err)
  it_runs:push("moontide/web", "team/web:1")
  it_runs:push("moontide/layers", "layers:latest")
  engine.api("DELETE", "/images/moontide/layers")
end)

teardown(function()
  if it_runs then it_runs:stop() end
  host.shell("rm -rf " .. config)
end)

after_each(function()
  forget(WEB)
  forget(LAYERS)
end)

local function pull(image)
  return ([[
    local pulling, err = docker.pull %q
    if not pulling then return nil, err end
    return pulling:wait()
  ]]):format(image)
end

describe("a pull with", function()
  local HELPER = 'echo \'{"ServerURL":"x","Username":"me","Secret":"se:cret"}\''
  for what, options in pairs {
    ["a log-in of docker login"] = {function() return auths "me:se:cret" end},
    ["a helper for all registries"] = {function() return '{"credsStore":"spec"}' end, HELPER},
    ["a helper for this registry"] = {function() return '{"credHelpers":{"127.0.0.1:5000":"spec"}}' end, HELPER},
  } do
    it(what .. " is let in", function()
      assert.is_true(engine.value(LABEL, pull(WEB), with(options[1](), options[2])))
      assert.is_true(has(WEB))
    end)
  end

  it("a name and a password of its own is let in, whatever the config says", function()
    assert.is_true(engine.value(LABEL, ([[
      return assert(docker.pull(%q, {auth = {username = "me", password = "se:cret"}})):wait()
    ]]):format(WEB), with(auths "me:wrong")))
    assert.is_true(has(WEB))
  end)

  it("credentials runs a container of what it has pulled", function()
    assert.are.equal(WEB, engine.value(LABEL, ([[
      assert(assert(docker.pull %q):wait())
      local made = assert(docker.run(web {image = %q, name = "spec-pulled"}))
      return docker.remove("spec-pulled", {force = true}) and made.image
    ]]):format(WEB, WEB), with(auths "me:se:cret")))
  end)

  for what, options in pairs {
    ["a wrong password"] = {function() return auths "me:wrong" end},
    ["no credentials"] = {function() return "{}" end},
    ["credentials of another registry"] = {function()
      return cjson.encode {auths = {["127.0.0.1:5001"] = {auth = registry.base64 "me:se:cret"}}}
    end},
    ["a helper that knows nothing"] = {function() return '{"credsStore":"spec"}' end,
      "echo credentials not found in native keychain; exit 1"},
    ["an identity token, which this registry does not take"] = {function()
      return '{"auths":{"127.0.0.1:5000":{"identitytoken":"se:cret"}}}'
    end},
  } do
    it(what .. " is refused, and no secret is told", function()
      local err = engine.failure(LABEL, pull(WEB), with(options[1](), options[2]))
      assert.are.equal("denied", err.kind)
      engine.reads(err, ('docker.pull: image "%s": '):format(WEB), "log in", "(engine: ")
      assert.is_nil(err.text:find("se:cret", 1, true))
      assert.is_false(has(WEB))
    end)
  end

  it("a tag that the registry does not have says so", function()
    local err = engine.failure(LABEL, pull "127.0.0.1:5000/team/web:nosuch", with(auths "me:se:cret"))
    assert.are.equal("not_found", err.kind)
    engine.reads(err, 'docker.pull: image "127.0.0.1:5000/team/web:nosuch": ', "manifest unknown")
  end)
end)

describe("a pull of several layers", function()
  setup(function() registry.slow "40mbit" end)
  teardown(function() registry.slow(nil) end)

  it("tells how far each is, and ends with all", function()
    local rows = engine.value(LABEL, ([[
      local rows = {}
      for row in assert(docker.pull %q) do rows[#rows + 1] = row end
      return rows
    ]]):format(LAYERS), with(auths "me:se:cret"))
    local at, downloaded, moved = {}, 0, 0
    for _, row in ipairs(rows) do
      if row.status == "Downloading" then
        assert.is_true(row.total >= 2 << 20)
        assert.is_true(row.current >= (at[row.id] or 0) and row.current <= row.total)
        if not at[row.id] then downloaded = downloaded + 1 end
        if row.current > (at[row.id] or 0) then moved = moved + 1 end
        at[row.id] = row.current
      end
    end
    assert.are.equal(3, downloaded)
    assert.is_true(moved >= 6, moved)
    assert.matches("^Status: Downloaded newer image", rows[#rows].status)
    assert.is_true(has(LAYERS))
  end)

  it("tells of no bytes when nobody wants to know", function()
    local rows = engine.value(LABEL, ([[
      local rows = {}
      for row in assert(docker.pull(%q, {progress = false})) do rows[#rows + 1] = row end
      return rows
    ]]):format(LAYERS), with(auths "me:se:cret"))
    for _, row in ipairs(rows) do assert.is_nil(row.current) end
    assert.is_true(#rows > 3 and #rows < 40)
  end)

  it("is given up when the loop is left", function()
    engine.value(LABEL, ([[
      for row in assert(docker.pull %q) do
        if row.status == "Downloading" then break end
      end
      return true
    ]]):format(LAYERS), with(auths "me:se:cret"))
    assert.is_false(has(LAYERS))
  end)

  it("fails when the registry dies in the middle of it", function()
    local err = engine.failure(LABEL, ([[
      local pulling, killed = assert(docker.pull %q), false
      local ok, err = pcall(function()
        for row in pulling do
          if row.status == "Downloading" and not killed then killed = os.execute %q end
        end
      end)
      return ok or nil, err
    ]]):format(LAYERS, it_runs:killer() .. " &"), with(auths "me:se:cret"))
    it_runs:again()
    engine.reads(err, ('docker.pull: image "%s": '):format(LAYERS))
    assert.is_false(has(LAYERS))
    assert.is_true(engine.value(LABEL, pull(LAYERS), with(auths "me:se:cret")))
  end)
end)

describe("a registry that is not there", function()
  it("is told of", function()
    local err = engine.failure(LABEL, pull "127.0.0.1:5999/web:1", with "{}")
    engine.reads(err, 'docker.pull: image "127.0.0.1:5999/web:1": ', "connection refused")
  end)
end)
