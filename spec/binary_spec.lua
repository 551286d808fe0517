-- The program itself: hardened, self-contained, installed where it is asked to be.
local host = require "spec.support.host"

local function output(command)
  local result = host.shell(command)
  assert.are.equal(0, result.code, command .. ": " .. result.err)
  return result.out
end

describe("the binary", function()
  local sanitized = output("readelf -sW " .. host.binary):find("__asan_init", 1, true) ~= nil

  it("is position independent", function()
    assert.matches("Type:%s+DYN", output("readelf -hW " .. host.binary))
  end)

  it("has read-only relocations that are bound at start", function()
    assert.matches("GNU_RELRO", output("readelf -lW " .. host.binary))
    local dynamic = output("readelf -dW " .. host.binary)
    assert.matches("BIND_NOW", dynamic)
    assert.matches("FLAGS_1.*NOW", dynamic)
  end)

  it("has no executable stack and no segment that is writable and executable", function()
    local segments = output("readelf -lW " .. host.binary)
    assert.matches("GNU_STACK[^\n]* RW ", segments)
    assert.is_nil(segments:find("[^\n]* RWE "))
  end)

  it("has stack protection and checked string functions", function()
    local symbols = output("readelf -sW " .. host.binary)
    assert.matches("__stack_chk_fail", symbols)
    if not sanitized then assert.matches("__%w+_chk@", symbols) end
  end)

  it("has no path of a build machine to look for libraries in", function()
    assert.is_nil(output("readelf -dW " .. host.binary):find("RUNPATH"))
    assert.is_nil(output("readelf -dW " .. host.binary):find("RPATH"))
  end)

  it("works when it is copied alone to an empty directory", function()
    local directory = output("mktemp -d"):gsub("\n", "")
    local result = host.shell(("cp %s %s/mt && cd %s && ./mt eval 'mt.json.encode{a=1}'"):format(host.binary, directory,
      directory))
    output("rm -r " .. directory)
    assert.are.same({0, '{"a":1}\n', ""}, {result.code, result.out, result.err})
  end)

  it("prints its version", function()
    local result = host.run {"--version"}
    assert.are.equal(0, result.code)
    assert.matches("^moontide %d+%.%d+%.%d+\n$", result.out)
  end)
end)

describe("make install", function()
  it("puts the program under DESTDIR and PREFIX, and nothing else", function()
    local directory = output("mktemp -d"):gsub("\n", "")
    output(("make -s install BUILD=%s DESTDIR=%s PREFIX=/usr"):format(host.binary:match("^(.*)/[^/]+$"), directory))
    local files = output(("cd %s && find . -type f"):format(directory))
    local result = host.shell(directory .. "/usr/bin/moontide --version")
    output("rm -r " .. directory)
    assert.are.equal("./usr/bin/moontide\n", files)
    assert.are.equal(0, result.code)
  end)
end)
