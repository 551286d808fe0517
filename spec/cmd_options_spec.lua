-- The options of the command line: C reads two of them before there is Lua, and must pass over the same
-- words as the library does.
local cjson = require "cjson"
local declaration = require "moontide.cmd.declaration"
local host = require "spec.support.host"

-- Every command's own and common options: {{command, script, options = {{names, value}, ...}}, ...}
local function declared()
  local result = host.eval [[(function()
    local commands = {}
    for _, name in ipairs(require("moontide.cmd.declaration").commands()) do
      local command = require("moontide.cmd." .. name)
      local recorded = require("moontide.cmd.plain").record(require("moontide.cmd.options").declarer(command))
      local options = {}
      for i, item in ipairs(recorded.order) do options[i] = {item.names, item.value} end
      commands[#commands + 1] = {name = name, script = command.script or false, options = options,
        described = command.description ~= "" and command.name == name}
    end
    return mt.json.encode(commands)
  end)()]]
  assert.are.equal(0, result.code, result.err)
  return cjson.decode(result.out)
end

local OWN = {["--memory-limit"] = true, ["--script-budget"] = true} -- C has a word to say on their values

-- Whether C has seen the bad limit: Lua takes any.
local function c_sees(...)
  local words = {...}
  words[#words + 1] = "--memory-limit=1k"
  return host.run(words).err:find("^moontide: %-%-memory%-limit: \"1k\"") ~= nil
end

describe("The options that C reads", function()
  local commands = declared()

  it("are declared, with a value", function()
    assert.is_true(declaration.takes_value "--memory-limit")
    assert.is_true(declaration.takes_value "--script-budget")
  end)

  it("are seen behind every option with a value in front of the command", function()
    for _, row in ipairs(declaration.options) do
      for name in row[2] and row[1]:gmatch("%S+") or function() end do
        assert.is_true(OWN[name] or c_sees(name, "x"), name)
      end
    end
  end)

  it("are seen behind a command, and behind its arguments unless those are a script's", function()
    for _, command in ipairs(commands) do
      assert.is_true(c_sees(command.name), command.name)
      assert.are.equal(not command.script, c_sees(command.name, "x"), command.name)
      assert.are.equal(not command.script, c_sees(command.name, "x", "y"), command.name)
    end
    assert.is_false(c_sees("./script.lua"))
    assert.is_false(c_sees("run", "-"))
  end)

  it("are seen behind every option with a value of every command", function()
    for _, command in ipairs(commands) do
      local words = {command.name} -- all at once: one that C does not pass over hides the limit
      for _, option in ipairs(command.options) do
        for name in option[2] and option[1]:gmatch("%S+") or function() end do
          if not OWN[name] then table.move({name, "x"}, 1, 2, #words + 1, words) end
        end
      end
      assert.is_true(c_sees(table.unpack(words)), table.concat(words, " "))
    end
  end)
end)

describe("The declaration", function()
  it("is read without argparse where the command line is plain", function()
    for _, words in ipairs {{"eval"}, {"-v", "--log-format", "text", "eval"}, {"eval", "--json", "--memory-limit=64m"}} do
      words[#words + 1] = "package.loaded.argparse == nil"
      assert.are.equal("true\n", host.run(words).out, table.concat(words, " "))
    end
    assert.are.equal("false\n", host.run({"eval", "-vv", "package.loaded.argparse == nil"}).out)
  end)

  it("has a file for every command, and a description", function()
    for _, command in ipairs(declared()) do assert.is_true(command.described, command.name) end
  end)

  it("is what the usage shows, in 80 columns", function()
    local usage = host.run({"--help"}).out
    for _, row in ipairs(declaration.rows) do assert.matches("\n  " .. row[1] .. " +" .. row[2]:gsub("%p", "%%%0"), usage) end
    for _, row in ipairs(declaration.options) do
      for name in row[1]:gmatch("%S+") do assert.truthy(usage:find(name, 1, true), name) end
    end
    for line in usage:gmatch("[^\n]+") do assert.is_true(#line <= 80, line) end
  end)

  it("means the same before and after the command", function()
    for _, words in ipairs {{"-H", "unix:///x", "ps"}, {"ps", "-H", "unix:///x"}, {"ps", "x", "--host=unix:///x"}} do
      assert.are.equal(3, host.run(words).code)
    end
    for _, words in ipairs {{"--log-format", "json", "eval", "mt.log.warn('x')"},
      {"eval", "--log-format", "json", "mt.log.warn('x')"}} do
      assert.matches('^{.*"message":"x"', host.run(words).err)
    end
  end)
end)
