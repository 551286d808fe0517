-- The command line, as an operator types it.
local host = require "spec.support.host"

local function usage_error(arguments, pattern)
  local result = host.run(arguments)
  assert.are.equal(2, result.code, result.err)
  assert.are.equal("", result.out)
  assert.matches(pattern, result.err)
end

describe("moontide", function()
  it("prints its usage on standard error when nothing is asked", function()
    usage_error({}, "^Usage: moontide")
  end)

  it("prints help on standard output when it is asked", function()
    for _, option in ipairs {"--help", "-h"} do
      local result = host.run {option}
      assert.are.same({0, ""}, {result.code, result.err})
      for _, command in ipairs {"run", "eval", "ps"} do assert.matches("\n  " .. command, result.out) end
    end
  end)

  it("suggests the command that was meant", function()
    usage_error({"evla", "1"}, '^moontide: unknown command "evla" %(did you mean "eval"%?%)')
    usage_error({"--hots", "x", "ps"}, '^moontide: unknown option "%-%-hots" %(did you mean "%-%-host"%?%)')
    usage_error({"--hots=x", "evla"}, '^moontide: unknown option "%-%-hots"')
    usage_error({"-H", "--hots", "evla"}, '^moontide: unknown command "evla"')
    usage_error({"frobnicate"}, 'unknown command "frobnicate"; valid: run, repl, eval, ps')
  end)

  it("says which file is missing", function()
    usage_error({"./nosuch.lua"}, "^moontide: %./nosuch%.lua: no such file")
    local result = host.run {"run", "/nosuch/file.lua"}
    assert.are.equal(4, result.code)
    assert.matches("cannot read the script: /nosuch/file%.lua: No such file or directory", result.err)
  end)

  it("never prints what it was given raw", function()
    usage_error({"\27[31mred"}, 'unknown command "\\x1b%[31mred"')
  end)

  it("knows the options of its commands, and says which is near", function()
    usage_error({"ps", "--jsn"}, "^moontide ps: unknown option '%-%-jsn'.*Did you mean '%-%-json'%?")
    usage_error({"ps", "a", "b"}, "^moontide ps: too many arguments")
    usage_error({"eval"}, "^moontide eval: missing argument 'code'")
    usage_error({"run", "--log-format", "xml", "x.lua"}, "^moontide run: argument for option '%-%-log%-format' must be one of")
  end)

  it("refuses limits that are none", function()
    usage_error({"--memory-limit", "lots", "eval", "1"}, '^moontide: %-%-memory%-limit: "lots" is not a size')
    usage_error({"--memory-limit=1k", "eval", "1"}, '"1k" is not a size of at least 4m')
    usage_error({"--script-budget", "-1", "eval", "1"}, '^moontide: %-%-script%-budget: "%-1" is not a time')
  end)

  it("takes options in every form that argparse knows", function()
    for _, arguments in ipairs {{"-H", "unix:///x"}, {"-Hunix:///x"}, {"--host", "unix:///x"}, {"--host=unix:///x"}} do
      local result = host.run {"ps", "-av", table.unpack(arguments)}
      assert.are.equal(3, result.code)
      assert.matches("unix:///x", result.err)
    end
    usage_error({"ps", "--host"}, "^moontide ps: option '%-%-host' requires an argument")
    usage_error({"ps", "--all=1"}, "^moontide ps: option '%-%-all' does not take arguments")
  end)

  it("takes options before and after the command", function()
    for _, arguments in ipairs {{"--json", "eval", "{1}"}, {"eval", "--json", "{1}"}} do
      local result = host.run(arguments)
      assert.are.same({0, "[\n  1\n]\n"}, {result.code, result.out})
    end
  end)
end)

describe("moontide run", function()
  it("reads a script within a small memory limit", function()
    local result = host.run({"--memory-limit", "4m", "run", "-"}, {stdin = "print('read')"})
    assert.are.same({0, "read\n", ""}, {result.code, result.out, result.err})
  end)
end)

describe("moontide eval", function()
  local function prints(expected, code)
    local result = host.eval(code)
    assert.are.same({0, expected, ""}, {result.code, result.out, result.err})
  end

  it("prints the values of an expression", function()
    prints("2\n", "1 + 1")
    prints("nil\ttrue\n", "nil, true")
    prints('{\n  "a": 1\n}\n', "{a = 1}")
  end)

  it("prints nothing for statements", function() prints("", "local x = 1") end)

  it("waits", function() prints("later\n", "mt.sleep(0.01) or 'later'") end)

  it("passes what follows on", function()
    local result = host.run {"eval", "(...), arg[2]", "a", "--json"}
    assert.are.same({0, "a\t--json\n"}, {result.code, result.out})
  end)

  it("ends with 4 and the line for an error in the code", function()
    local result = host.eval("error('no')")
    assert.are.equal(4, result.code)
    assert.matches("^moontide: eval:1: no\nstack traceback:", result.err)
    result = host.eval("x =")
    assert.are.same({4, "moontide: eval:1: unexpected symbol near <eof>\n"}, {result.code, result.err})
    -- What is neither: the error of the reading that got further.
    for code, why in pairs {
      ["1+"] = "unexpected symbol near <eof>", ["1)(2"] = "<eof> expected near ')'",
      ["'a' .."] = "unexpected symbol near <eof>", ["x = = 1"] = "unexpected symbol near '='",
      ["if 1 then"] = "'end' expected near <eof>", ["}"] = "unexpected symbol near '}'",
    } do assert.are.equal(("moontide: eval:1: %s\n"):format(why), host.eval(code).err) end
  end)

  it("names its own line for a mistake in an expression, which is no tail call", function()
    local result = host.eval('mt.docker.run {imgae = "web"}')
    assert.are.equal(4, result.code)
    assert.matches('^moontide: eval:1: docker%.run: unknown option "imgae"', result.err)
    assert.matches("\teval:1: in main chunk\n$", result.err)
  end)

  it("names the function that was meant", function()
    assert.matches('^moontide: eval:1: docker has no function "lst" %(did you mean "list"%?%)',
      host.eval("mt.docker.lst()").err)
    assert.matches('docker has no function "inspct" %(did you mean "inspect"%?%)',
      host.eval('mt.docker.connect {host = "unix:///x"}.inspct("a")').err)
  end)

  it("takes expressions in any form", function()
    prints("1\t2\n", "1, 2 -- and a comment")
    prints("\n", "''")
    prints("", "nothing = 1")
    assert.are.equal(4, host.eval("1)(2").code)
  end)

  it("ends with 1 and the message for nil, err", function()
    local result = host.eval('mt.docker.connect {host = "bogus://x"}')
    assert.are.equal(1, result.code)
    assert.matches('^moontide: docker%.connect: host "bogus://x"', result.err)
  end)

  it("ends with 3 when the engine cannot be reached", function()
    local result = host.eval("mt.docker.ping()", {env = {DOCKER_HOST = "unix:///nosuch.sock"}})
    assert.are.equal(3, result.code)
    assert.matches("unix:///nosuch%.sock", result.err)
  end)
end)

describe("moontide ps", function()
  local name = "cmd-spec-" .. tostring(os.time())

  setup(function()
    local made = host.eval(('mt.docker.run {image = "moontide/web", name = %q, ports = {["80/tcp"] = 0}}'):format(name))
    assert.are.equal(0, made.code, made.err)
  end)

  teardown(function() host.eval(("mt.docker.remove(%q, {force = true})"):format(name)) end)

  it("prints a table", function()
    local result = host.run {"ps", name}
    assert.are.equal(0, result.code, result.err)
    local header, row = result.out:match("^([^\n]*)\n([^\n]*)\n$")
    assert.matches("^NAME +ID +IMAGE +STATUS +AGE +PORTS", header)
    assert.matches("^" .. name:gsub("%-", "%%-") .. " +%x+ +moontide/web +running +%w+ +%d+%->80/tcp", row)
  end)

  it("prints one document with --json", function()
    local result = host.run {"ps", "--json", name}
    assert.are.equal(0, result.code, result.err)
    assert.matches('^%[{"container_id":"%x+".*"name":"' .. name:gsub("%-", "%%-") .. '".*}%]\n$', result.out)
  end)

  it("prints an empty list when there is nothing", function()
    assert.are.equal("[]\n", host.run({"ps", "--json", "moontide/log"}).out)
  end)

  it("says what there is when a word stands for nothing", function()
    local result = host.run {"ps", "--json", name .. "x"}
    assert.are.same({1, ""}, {result.code, result.out})
    assert.matches('^moontide: ps: no container or image "' .. name:gsub("%-", "%%-") .. 'x"; there are ', result.err)
    assert.truthy(result.err:find("are " .. name, 1, true), result.err)
  end)

  it("ends with 3 when the engine cannot be reached", function()
    local result = host.run {"-H", "unix:///nosuch.sock", "ps"}
    assert.are.same({3, ""}, {result.code, result.out})
    assert.matches("cannot connect to unix:///nosuch%.sock: No such file or directory", result.err)
  end)
end)
