local host = require "spec.support.host"

-- What every case below may use; `show` prints one line per case.
local PRELUDE = [==[
local json = mt.json
local function show(case)
  local ok, value = pcall(case)
  local text = ok and tostring(value) or "raised " .. value:gsub("^%S+:%d+: ", "")
  print((text:gsub("\n", "|")))
end
local function again(text, options)
  local value, err = json.decode(text, options)
  if err then return ("%s, %s: %s"):format(err.kind, err.op, err.message) end
  return json.encode(value)
end
local function nested(depth) return ("["):rep(depth) .. ("]"):rep(depth) end
]==]

-- One process computes all: a case is an expression and what it shows.
local function check(cases)
  local lines = {}

  setup(function()
    local code = {PRELUDE}
    for _, case in ipairs(cases) do
      code[#code + 1] = ("show(function() return %s end)"):format(case[1])
    end
    local result = host.eval(table.concat(code, "\n"))
    assert.equal("", result.err)
    assert.equal(0, result.code)
    for line in result.out:gmatch("(.-)\n") do lines[#lines + 1] = line end
    assert.equal(#cases, #lines)
  end)

  for i, case in ipairs(cases) do
    it(case[1], function() assert.equal(case[2], lines[i]) end)
  end
end

describe("mt.json.encode", function()
  check {
    {"json.encode(8080)", "8080"},
    {"json.encode(-1)", "-1"},
    {"json.encode(math.maxinteger)", "9223372036854775807"},
    {"json.encode(math.mininteger)", "-9223372036854775808"},
    {"json.encode(3.0)", "3.0"},
    {"json.encode(0.1)", "0.1"},
    {"json.encode(-0.0)", "-0.0"},
    {"json.encode(1 / 3)", "0.3333333333333333"},
    {"json.encode(1e300)", "1e+300"},
    {"json.encode(2^53)", "9007199254740992.0"},
    {"json.encode(true)", "true"},
    {"json.encode(false)", "false"},
    {"json.encode(json.null)", "null"},
    {[[json.encode("a/b")]], [["a/b"]]},
    {[[json.encode("\"\\\b\f\n\r\t\0\31\127")]], [["\"\\\b\f\n\r\t\u0000\u001F]] .. "\127\""},
    {[[json.encode("\u{e9}\u{20ac}\u{1f319}")]], '"\u{e9}\u{20ac}\u{1f319}"'},
    {"json.encode({})", "{}"},
    {"json.encode(json.array())", "[]"},
    {"json.encode(json.array {})", "[]"},
    {"json.encode(setmetatable({}, {__jsontype = 'array'}))", "[]"},
    {"json.encode({1, {2}, 'x'})", [=[[1,[2],"x"]]=]},
    {"json.encode({json.null, json.null})", "[null,null]"},
    {"json.encode({b = 1, a = 2, B = 3, ['80/tcp'] = {}, [''] = 4})", [[{"":4,"80/tcp":{},"B":3,"a":2,"b":1}]]},
    {[[json.encode({["a\0"] = 1, a = 2, ["\n"] = 3})]], [[{"\n":3,"a":2,"a\u0000":1}]]},
    {"(function() local t = {} return json.encode {t, t} end)()", "[{},{}]"},
    {"json.encode({a = {1, 2}, b = {}, c = json.array {}}, {indent = 2})",
      [[{|  "a": [|    1,|    2|  ],|  "b": {},|  "c": []|}]]},
    {"json.encode({{1}}, {indent = 1})", "[| [|  1| ]|]"},
    {"json.encode({1, 2}, {indent = 0})", "[1,2]"},
    {"json.encode({1, 2}, {})", "[1,2]"},
    {"#json.encode(json.decode(nested(100)))", "200"},
    -- __pairs and __index are a script's: what is written is what the table holds.
    {"json.encode(setmetatable({1}, {__pairs = error, __index = error, __len = error}))", "[1]"},
  }
end)

describe("mt.json.encode raises for", function()
  local FORM = "which JSON has no form for"
  local KEYS = "keys must be strings, or 1, 2, 3 ..."
  local function raised(message) return "raised json.encode: " .. message end
  check {
    {"json.encode(nil)", raised("value is of type nil, " .. FORM .. "; use json.null")},
    {"json.encode()", raised("value is of type nil, " .. FORM .. "; use json.null")},
    {"json.encode(print)", raised("value is of type function, " .. FORM)},
    {"json.encode({ports = {1, print}})", raised("value.ports[2] is of type function, " .. FORM)},
    {"json.encode({ports = {['80/tcp'] = {io.stdout}}})",
      raised([[value.ports["80/tcp"][1] is of type userdata, ]] .. FORM)},
    {"json.encode({0 / 0})", raised("value[1] is NaN or infinite, JSON has finite numbers only")},
    {"json.encode(math.huge)", raised("value is NaN or infinite, JSON has finite numbers only")},
    {"json.encode(-math.huge)", raised("value is NaN or infinite, JSON has finite numbers only")},
    {[[json.encode("ab\xff")]], raised("value is not valid UTF-8 at byte 3; encode binary data first")},
    {[[json.encode("\xed\xa0\x80")]], raised("value is not valid UTF-8 at byte 1; encode binary data first")},
    {[[json.encode({["\27\xff"] = 1})]],
      raised([[value["\x1B\xFF"] is not valid UTF-8 at byte 2; encode binary data first]])},
    {"json.encode({1, a = 2})", raised("value has keys that are strings and keys that are numbers")},
    {"json.encode(json.array {a = 2})", raised("value is marked as an array but has keys that are strings")},
    {"json.encode({1, nil, 3})",
      raised("value is an array with gaps: 2 elements up to [3]; fill them with json.null, or make the keys strings")},
    {"json.encode({[2] = 1})",
      raised("value is an array with gaps: 1 elements up to [2]; fill them with json.null, or make the keys strings")},
    {"json.encode({[0] = 1})", raised("value has the key 0; " .. KEYS)},
    {"json.encode({[-1] = 1})", raised("value has the key -1; " .. KEYS)},
    {"json.encode({[1.5] = 1})", raised("value has the key 1.5; " .. KEYS)},
    {"json.encode({[true] = 1})", raised("value has the key boolean; " .. KEYS)},
    {"(function() local t = {} t.a = {b = t} return json.encode(t) end)()", raised("value contains itself")},
    {"(function() local t = {} t.a = {} t.a.b = t.a return json.encode(t) end)()", raised("value.a contains itself")},
    {"json.encode({json.decode(nested(100))})", raised("value" .. ("[1]"):rep(100) .. " is nested more than 100 deep")},
    {"json.encode(1, {indnt = 2})", raised([[unknown option "indnt"; valid: indent]])},
    {"json.encode(1, {indent = 9})", raised([[option "indent" must be a whole number from 0 to 8, got 9]])},
    {"json.encode(1, {indent = '2'})", raised([[option "indent" must be a whole number from 0 to 8, got string]])},
    {"json.encode(1, 2)", raised("options must be a table, got number")},
  }

  it("with the line of the script", function()
    local result = host.eval("local x = 1\nmt.json.encode(print)")
    assert.equal(4, result.code)
    assert.matches("eval:2: json.encode: value is of type function", result.err, 1, true)
  end)
end)

it("mt.json refuses more than 64 MiB", function()
  local result = host.run {"--script-budget", "25", "eval", [[
    local json, text = mt.json, ("1"):rep(2^26 + 1)
    print(select(2, json.decode(text)).message)
    print(select(2, pcall(json.encode, text)))]]}
  assert.equal("invalid JSON at line 1, column 67108865: the text is longer than the limit\n" ..
    "json.encode: the text would be longer than 64 MiB\n", result.out)
end)

describe("mt.json.decode", function()
  local function invalid(message) return "invalid, json.decode: invalid JSON at " .. message end
  check {
    {"again '[]'", "[]"},
    {"again '{}'", "{}"},
    {"again '[[],{},[{}]]'", "[[],{},[{}]]"},
    {"again ' [ 1 , true , null , \"x\" ] '", [=[[1,true,null,"x"]]=]},
    {"again '[8080,8080.0,-0,1e2,9223372036854775807,-9223372036854775808]'",
      "[8080,8080.0,-0.0,100.0,9223372036854775807,-9223372036854775808]"},
    {"math.type(json.decode '9007199254740993')", "integer"},
    {"math.type(json.decode '1.0')", "float"},
    {"json.decode '9007199254740993'", "9007199254740993"},
    {"json.decode 'false'", "false"},
    {"json.decode 'null' == json.null", "true"},
    {"json.decode '[null]'[1] == json.null", "true"},
    {"#json.decode '[1,null,3]'", "3"},
    {"json.decode '{\"a\":1,\"a\":2}'.a", "2"},
    {[[json.decode '"a\\u0000b"' == "a\0b"]], "true"},
    {[[json.decode '{"a\\u0000b":1,"\\u0000\\u0000":2}'["a\0b"] ]], "1"},
    {[[json.decode '{"a\\u0000b":1,"\\u0000\\u0000":2}'["\0\0"] ]], "2"},
    {[[json.decode '"\\ud83c\\udf19"' == "\u{1f319}"]], "true"},
    {"again(nested(100))", ("["):rep(100) .. ("]"):rep(100)},
    {"again(nested(101))", invalid("line 1, column 101: nested too deep")},
    {"again('[[1]]', {max_depth = 2})", "[[1]]"},
    {"again('[[1]]', {max_depth = 1})", invalid("line 1, column 2: nested too deep")},
    {"again('123', {max_length = 3})", "123"},
    {"again('1234', {max_length = 3})", invalid("line 1, column 4: the text is longer than the limit")},
    {"again ''", invalid("line 1, column 1: the text ends where a value is expected")},
    {[[again '[1,\n 2,]']], invalid("line 2, column 4: expected a value")},
    {[[again '{"\u{e9}": nul}']], invalid("line 1, column 7: expected a value")},
    {"again '9223372036854775808'", invalid("line 1, column 1: the integer does not fit in 64 bits")},
    {"again '1e400'", invalid("line 1, column 1: the number is too large for a double")},
    {"again 'NaN'", invalid("line 1, column 1: expected a value")},
    {[[again '"\\ud800"']], invalid("line 1, column 2: half of a surrogate pair")},
    {[[again '"\xff"']], invalid("line 1, column 2: invalid UTF-8")},
    {[[again '"\n"']], invalid("line 1, column 2: a control character in a string must be escaped")},
    {"json.decode(5)", [[raised json.decode: argument "text" must be a string, got number]]},
    {"json.decode()", [[raised json.decode: argument "text" must be a string, got no value]]},
    {"json.decode('1', {max_dept = 1})",
      [[raised json.decode: unknown option "max_dept"; valid: max_depth, max_length]]},
    {"json.decode('1', {max_depth = 101})",
      [[raised json.decode: option "max_depth" must be a whole number from 1 to 100, got 101]]},
    {"json.decode('1', {max_length = 2^26 + 1})",
      [[raised json.decode: option "max_length" must be a whole number from 1 to 67108864, got 67108865.0]]},
  }
end)

describe("mt.json.array", function()
  check {
    {"(function() local t = {} return json.array(t) == t end)()", "true"},
    {"(function() local t = json.array {1} return json.array(t) == t and json.encode(t) end)()", "[1]"},
    {"json.encode(json.array(json.decode '[]'))", "[]"},
    {"json.array(5)", [[raised json.array: argument "table" must be a table or nil, got number]]},
    {"json.array(setmetatable({}, {}))",
      [[raised json.array: the table has a metatable of its own; give that the field __jsontype = "array"]]},
  }
end)

describe("what the engine said", function()
  it("comes out as it went in", function()
    local list = io.popen("find spec/data -name '*.json' | sort")
    local count = 0
    for path in list:lines() do
      local result = host.eval(([[
        local json = mt.json
        local file = assert(io.open(%q, "rb"))
        local first = json.encode(assert(json.decode(file:read "a")))
        file:close()
        print(first == json.encode(json.decode(first)))]]):format(path))
      assert.equal("true\n", result.out, path .. ": " .. result.err)
      count = count + 1
    end
    list:close()
    assert.is_true(count > 0)
  end)
end)
