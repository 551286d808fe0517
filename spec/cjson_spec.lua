-- require "cjson" and "cjson.safe": lua-cjson, which may not be given more than it can bear.
local host = require "spec.support.host"

local PREAMBLE = [[local cjson, safe = require "cjson", require "cjson.safe";]]

local function ask(code, options)
  local result = host.script(PREAMBLE .. "\n" .. code, options)
  assert.same({0, ""}, {result.code, result.err})
  return result.out
end

-- In a state that can hold such strings, and with the time that they take on a slow machine.
local BIG = {before = {"--memory-limit", "600m", "--script-budget", "20s"}}

local REFUSED = "cjson.encode: the document is longer than 64 MiB; write it in parts"

describe("require 'cjson'", function()
  it("encodes and decodes", function()
    assert.equal('{"a":[1,2.5,true,null,"\\u0000\\n\\/"]}\n8080\tnil\t\u{1f319}\n', ask [[
      print(cjson.encode {a = {1, 2.5, true, cjson.null, "\0\n/"}})
      local value = cjson.decode '{"port": 8080, "moon": "\\ud83c\\udf19"}'
      print(math.tointeger(value.port), value.missing, value.moon)]])
  end)

  it("has the null of mt.json", function()
    assert.equal('true\tnull\ttrue\n', ask [[
      print(cjson.null == mt.json.null, cjson.encode(mt.json.null), safe.null == cjson.null)]])
  end)

  it("is one module however often it is required", function()
    assert.equal("true\tfalse\n", ask [[print(require "cjson" == cjson, safe == cjson)]])
  end)

  it("needs no file: the binary carries it", function()
    assert.equal('[1]\n', ask [[
      package.path, package.cpath = "", ""
      package.loaded.cjson = nil
      print(require "cjson".encode {1})]])
  end)

  it("raises at the caller's line", function()
    local out = ask [[
      print(pcall(function() local _ = cjson.encode(print) end))
      print(pcall(function() local _ = cjson.encode() end))
      print(pcall(function() local t = {} t.t = t return (cjson.encode(t)) end))
      print(pcall(function() local _ = cjson.encode {[{}] = 1} end))
      print(pcall(function() local _ = cjson.encode(0/0) end))]]
    local lines = {}
    for number, message in out:gmatch("false\t/[^\n:]*%.lua:(%d+): ([^\n]*)\n") do
      lines[#lines + 1] = number .. " " .. message
    end
    assert.same({
      "2 cjson.encode: Cannot serialise function: type not supported",
      "3 cjson.encode: bad argument #1 to '?' (expected 1 argument)",
      "4 cjson.encode: Cannot serialise, excessive nesting (1001)",
      "5 cjson.encode: Cannot serialise table: table key must be a number or string",
      "6 cjson.encode: Cannot serialise number: must not be NaN or Inf",
    }, lines)
  end)

  it("keeps to its own limit of depth, also a changed one", function()
    assert.equal("true\nfalse\ntrue\n", ask [[
      local function nested(depth)
        local value = {}
        for _ = 2, depth do value = {value} end
        return value
      end
      print((pcall(cjson.encode, nested(1000))))
      print((pcall(cjson.encode, nested(1001))))
      cjson.encode_max_depth(2000)
      print((pcall(cjson.encode, nested(2000))))]])
  end)
end)

describe("cjson.encode with more than 64 MiB", function()
  it("encodes what just fits #slow", function()
    assert.equal("67108866\n", ask([[print(#cjson.encode(("x"):rep(64 << 20)))]], BIG))
  end)

  it("refuses a string, wherever it is", function()
    local out = ask([[
      local long = ("x"):rep((64 << 20) + 1)
      for _, value in ipairs {long, {long}, {a = {b = {long}}}, {[long] = 1}, {{}, {c = {[long] = {}}}}} do
        print(select(2, pcall(function() local _ = cjson.encode(value) end)))
      end]], BIG)
    local _, count = out:gsub("%.lua:4: " .. REFUSED:gsub("%.", "%%.") .. "\n", "")
    assert.equal(5, count, out)
  end)

  it("refuses one below the depth that encode_max_depth adds", function()
    assert.matches(REFUSED, ask([[
      local value = ("x"):rep((64 << 20) + 1)
      for _ = 1, 1500 do value = {value} end
      cjson.encode_max_depth(2000)
      print(pcall(cjson.encode, value))]], BIG), 1, true)
  end)

  it("refuses a small table that is long when it is written", function()
    assert.matches(REFUSED, ask [[
      local megabyte, list = ("x"):rep(1 << 20), {}
      for i = 1, 65 do list[i] = megabyte end
      print(pcall(cjson.encode, list))]], 1, true)
    assert.matches(REFUSED, ask [[
      local twice = ("x"):rep(1 << 16)
      for _ = 1, 40 do twice = {twice, twice} end
      print(pcall(cjson.encode, twice))]], 1, true)
  end)

  it("refuses it in a module of its own, too", function()
    assert.equal(("false\t%s\n"):format(REFUSED):rep(3), (ask([[
      local long = ("x"):rep((64 << 20) + 1)
      print(pcall(cjson.new().encode, long))
      print(pcall(cjson.new().new().encode, long))
      package.loaded.cjson = nil
      print(pcall(require "cjson".encode, long))]], BIG):gsub("\t/[^\n]-%.lua:%d+: ", "\t")))
  end)

  it("lets other tasks run and the script go on", function()
    assert.matches("^false.*other\n%[1%]\n$", ask([[
      local other = mt.spawn(function() return "other" end)
      print(pcall(cjson.encode, ("x"):rep((64 << 20) + 1)))
      print(select(2, other:join()))
      print(cjson.encode {1})]], BIG))
  end)
end)

describe("require 'cjson.safe'", function()
  it("returns nil and the text", function()
    assert.equal("{}\nnil\tCannot serialise function: type not supported\n"
      .. "nil\tExpected object key string but found T_END at character 2\n1\n", ask [[
      print(safe.encode {})
      print(safe.encode(print))
      print(safe.decode "{")
      print(#safe.decode "[1]")]])
  end)

  it("refuses what is over 64 MiB, also in a module of its own", function()
    assert.equal(("nil\t%s\n"):format(REFUSED:gsub("^cjson.encode: ", "")):rep(2), ask([[
      local long = ("x"):rep((64 << 20) + 1)
      print(safe.encode(long))
      print(safe.new().encode {long})]], BIG))
  end)
end)
