-- Files in and out of a container, as tar.
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local LABEL = "engine_copy"

-- A script that has an archive of a file with every byte as TAR.
local function with_archive(code)
  local directory = host.shell("mktemp -d").out:gsub("\n", "")
  local bytes = {}
  for i = 0, 255 do bytes[#bytes + 1] = ("\\\\%03o"):format(i) end
  host.shell(("cd %s && printf %s >every && mkdir d && echo x >d/f && tar cf t.tar every d && tar cf clash.tar -C d f"):format(
    directory, "'" .. table.concat(bytes):gsub("\\\\", "\\") .. "'"))
  local result = engine.ask(LABEL, ([[
    local function read(name)
      local file <close> = assert(io.open(%q .. "/" .. name, "rb"))
      return file:read "a"
    end
    local TAR, CLASH = read "t.tar", read "clash.tar"
    %s
  ]]):format(directory, code))
  host.shell("rm -rf " .. directory)
  assert(not result.raised, result.raised)
  return result.value, result.err
end

describe("copies", function()
  setup(function()
    engine.clean(LABEL)
    engine.value(LABEL, 'return docker.run(web {name = "spec-copy"})')
  end)
  teardown(function() engine.clean(LABEL) end)

  it("go in and come out, byte for byte", function()
    local got = with_archive [[
      local put = docker.copy_to("spec-copy", "/tmp", TAR)
      local seen = docker.exec("spec-copy", "wc -c </tmp/every; cat /tmp/d/f")
      local back = docker.copy_from("spec-copy", "/tmp/every")
      local all = {}
      for i = 0, 255 do all[i + 1] = string.char(i) end
      return {put = put, seen = seen.stdout, same = back:find(table.concat(all), 1, true) == 513, size = #back % 512,
        name = back:match "^[^\0]*"}
    ]]
    assert.are.same({put = true, seen = "256\nx\n", same = true, size = 0, name = "every"}, got)
  end)

  it("also with a container that does not run", function()
    local got = with_archive [[
      docker.create(web {name = "spec-still"})
      return {docker.copy_to("spec-still", "/tmp", TAR), #docker.copy_from("spec-still", "/tmp/d") > 1024}
    ]]
    assert.are.same({true, true}, got)
  end)

  it("say what is wrong", function()
    for code, expected in pairs {
      ['copy_to("spec-copy", "/nosuch", TAR)'] = {"not_found", "it has no such directory; create that first"},
      ['copy_to("spec-copy", "/bin/sh", TAR)'] = {"invalid", "the path is no directory; give the one in which"},
      ['copy_to("spec-copy", "/tmp", "no tar at all")'] = {"invalid", "the archive cannot be unpacked"},
      ['copy_to("spec-nosuch", "/tmp", TAR)'] = {"not_found", "there is no such container"},
      ['copy_from("spec-copy", "/nosuch")'] = {"not_found", "it has no such file or directory; correct the path"},
      ['copy_from("spec-nosuch", "/tmp")'] = {"not_found", "there is no such container"},
    } do
      local _, err = with_archive("return docker." .. code)
      assert.are.equal(expected[1], err.kind, code)
      engine.reads(err, ("docker.%s: container "):format(code:match("^[%a_]+")), expected[2])
    end
  end)

  it("take mistakes for mistakes", function()
    for code, message in pairs {
      ['copy_to("a", "/tmp")'] = 'docker.copy_to: argument "tar" must be a string, got nil',
      ['copy_to("a", "", "x")'] = 'docker.copy_to: argument "path" must be a path in the container',
      ['copy_from("a")'] = 'docker.copy_from: argument "path" must be a string, got nil',
      ['copy_from("a", "/x\\0y")'] = 'docker.copy_from: argument "path" must be a path in the container',
    } do
      local outcome = engine.ask(LABEL, "return docker." .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
