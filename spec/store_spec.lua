-- moontide.c.store: the state file.

local host = require "spec.support.host"

local directory, path

-- What the script, which has the open store `s`, prints; it fails unless it ends well, and says nothing else.
local function output(code, options)
  local result = host.script('local store = require "moontide.c.store"\nlocal path = arg[1]\n' .. code,
    {arguments = {path}, before = options and options.before})
  assert.are.same({0, ""}, {result.code, result.err})
  return result.out
end

local OPEN = "local s <close> = assert(store.open{path = path})\n"
local LOCKED = OPEN .. "assert(s:lock())\n"

before_each(function()
  directory = os.tmpname()
  os.remove(directory)
  path = directory .. "/deep/state.db"
end)

after_each(function() host.shell("rm -rf '" .. directory .. "'") end)

describe("a state file", function()
  it("is made with what it needs, for its owner's eyes alone, whatever the umask is", function()
    for _, umask in ipairs {"0000", "0777"} do
      local script = host.file('assert(require "moontide.c.store".open{path = arg[1]})', ".lua")
      host.shell(("umask %s; %s run %s %s"):format(umask, host.binary, script, path .. umask))
      assert.are.equal("600\n700\n700\n", host.shell(("stat -c %%a %s %s/deep %s"):format(path .. umask, directory,
        directory)).out)
      os.remove(script)
    end
  end)

  it("keeps its owner id", function()
    local first = output(OPEN .. "print(s:owner())")
    assert.truthy(first:match("^" .. ("%x"):rep(32) .. "\n$"))
    assert.are.equal(first, output(OPEN .. "print(s:owner(), s:notice())"):gsub("\tnil", ""))
  end)

  it("gives back what was written, in order", function()
    local now = os.time() * 1000000000
    output("local NOW = " .. now .. "\n" .. LOCKED .. [[
      assert(s:write{fact = {kind = "b", engine = "e", target = "nginx:1", reason = "r", data = '{"a":1}', time = NOW}})
      assert(s:write{fact = {kind = "a", time = NOW - 1},
        wish = {engine = "e", image = "nginx", record = '{"min_replicas":1}'},
        slot = {engine = "e", image = "nginx", name = "n-1", container_id = "", state = "intended", time = 6}})]])
    assert.are.equal(('[{"data":"{\\"a\\":1}","engine":"e","kind":"b","reason":"r","seq":1,"target":"nginx:1","time":NOW},' ..
      '{"data":"{}","engine":"","kind":"a","reason":"","seq":2,"target":"","time":NOW-1}]\n' ..
      '[{"engine":"e","image":"nginx","record":"{\\"min_replicas\\":1}"}]\n' ..
      '[{"container_id":"","engine":"e","image":"nginx","name":"n-1","state":"intended","time":6}]\n'):gsub("NOW%-1", now - 1):gsub("NOW", now),
      output(OPEN .. [[
        for _, of in ipairs {"facts", "wishes", "slots"} do print(mt.json.encode(assert(s:read(of, {})))) end]]))
  end)
end)
