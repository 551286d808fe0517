-- mt.log: one line for each message, whatever is in it.
local cjson = require "cjson"
local host = require "spec.support.host"

local STAMP = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ "

local function lines(text)
  local list = {}
  for line in text:gmatch("(.-)\n") do list[#list + 1] = line end
  assert.is_true(text == "" or text:sub(-1) == "\n", "the last line does not end")
  return list
end

-- Without their times.
local function logged(code, options)
  local result = host.script(code, options)
  assert.same({0, ""}, {result.code, result.out}, result.err)
  local list = lines(result.err)
  for i, line in ipairs(list) do
    assert.matches(STAMP, line)
    list[i] = line:gsub(STAMP, "")
  end
  return list
end

local function objects(code, before)
  table.insert(before, 1, "--log-format")
  table.insert(before, 2, "json")
  local result = host.script(code, {before = before})
  assert.same({0, ""}, {result.code, result.out}, result.err)
  local list = lines(result.err)
  for i, line in ipairs(list) do list[i] = cjson.decode(line) end
  return list
end

local EACH = 'for _, level in ipairs {"debug", "info", "warn", "error"} do mt.log[level]("told at %s", level) end'

describe("mt.log", function()
  it("writes to standard error, all but debug", function()
    assert.same({"INFO  told at info", "WARN  told at warn", "ERROR told at error"}, logged(EACH))
  end)

  it("writes debug, too, with -v", function()
    local all = {"DEBUG told at debug", "INFO  told at info", "WARN  told at warn", "ERROR told at error"}
    assert.same(all, logged(EACH, {before = {"-v"}}))
    assert.same(all, logged(EACH, {before = {"--verbose"}}))
  end)

  it("does not read what it does not write", function()
    assert.same({}, logged('mt.log.debug("%d", "no number") mt.log.debug(setmetatable({}, {__tostring = error}))'))
  end)

  it("tells the time in UTC", function()
    local before = os.time()
    local result = host.script('mt.log.info "now"', {env = {TZ = "Asia/Tokyo"}})
    local year, month, day, hour, min, sec = result.err:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
    local shift = os.time() - os.time(os.date("!*t") --[[@as table]])
    local told = os.time {year = year, month = month, day = day, hour = hour, min = min, sec = sec, isdst = false} + shift
    assert.is_true(told >= before - 1 and told <= os.time() + 1, result.err)
  end)

  it("takes a message as it is when it is alone", function()
    assert.same({"INFO  100% of %s", "INFO  ", "INFO  nil", "INFO  5", "INFO  true"},
      logged('mt.log.info("100% of %s") mt.log.info("") mt.log.info(nil) mt.log.info(5) mt.log.info(true)'))
  end)

  it("takes arguments as string.format does, nil among them", function()
    assert.same({"WARN  web: 3 of 5 (60.0%) nil nil"},
      logged('mt.log.warn("%s: %d of %d (%.1f%%) %s %s", "web", 3, 5, 60, nil, nil)'))
  end)

  it("shows an error as its text", function()
    assert.same({'ERROR mt: docker.connect: host "x://"', 'ERROR docker.connect: host "x://"'}, logged [[
      local _, err = mt.docker.connect {host = "x://"}
      local text = tostring(err):match('^.-"x://"')
      getmetatable(err).__tostring = function() return text end
      mt.log.error("mt: %s", err)
      mt.log.error(err)]])
  end)

  it("shows a table as JSON, and what has a text of its own as that", function()
    assert.same({'INFO  {"a":[1,2,{}],"b":"x"}', "INFO  []", 'WARN  got {"n":1}', "INFO  mine", "INFO  <mine>"}, logged [[
      mt.log.info {a = {1, 2, {}}, b = "x"}
      mt.log.info(mt.json.array())
      mt.log.warn("got %s", {n = 1})
      local mine = setmetatable({}, {__tostring = function() return "mine" end})
      mt.log.info(mine)
      mt.log.info("<%s>", mine)]])
  end)

  it("shows a table that is no JSON as Lua does", function()
    local list = logged [[
      local round = {}
      round.round = round
      mt.log.info(round)
      mt.log.info {print}
      mt.log.info("%s", {"\255"})
      mt.log.info(print)]]
    assert.equal(4, #list)
    for i = 1, 3 do assert.matches("^INFO  table: 0x%x+$", list[i]) end
    assert.matches("^INFO  function: builtin", (list[4]:gsub("0x%x+", "builtin")))
  end)

  it("does not show secrets in a table", function()
    assert.same({'INFO  {"env":{"DB_PASSWORD":"(not shown)","PORT":"80"},"token":"(not shown)"}'}, logged [[
      local spec = {env = {DB_PASSWORD = "hunter2", PORT = "80"}, token = "hunter2"}
      mt.log.info(spec)
      assert(spec.token == "hunter2")]])
  end)

  it("keeps whatever is in a message on its line, and harmless", function()
    assert.same({
      [[INFO  a\x0a2026-01-01T00:00:00.000Z ERROR forged]], [[INFO  \x0d\x09\x00\x1b[31m\x7f]], [[INFO  \xff\xc2\x9b2J]],
      [[INFO  {"json": "\x0a"}]], [[INFO  \xe2\x80\xae]], "INFO  grün \u{1f319}",
    }, logged [[
      mt.log.info("a\n2026-01-01T00:00:00.000Z ERROR forged")
      mt.log.info("%s", "\r\t\0\27[31m\127")
      mt.log.info("\255\u{9b}2J")
      mt.log.info('{"json": "\n"}')
      mt.log.info("\u{202e}")
      mt.log.info("grün \u{1f319}")]])
  end)

  it("writes a line at once, so that no other gets into it", function()
    local code = host.file('for _ = 1, 300 do mt.log.info("%s", arg[1]:rep(50)) end')
    local one = ("'%s' run %s "):format(host.binary, code)
    local result = host.shell(("(%s a & %s b & wait) 2>&1"):format(one, one))
    os.remove(code)
    local list = lines(result.out)
    assert.equal(600, #list)
    for _, line in ipairs(list) do
      assert.matches(STAMP .. "INFO  [ab]+$", line)
      assert.equal(#list[1], #line)
    end
  end)
end)

describe("mt.log with --log-format json", function()
  it("writes one object for each message", function()
    local list = objects(EACH, {"-v"})
    assert.equal(4, #list)
    for i, level in ipairs {"debug", "info", "warn", "error"} do
      assert.matches(STAMP:gsub(" $", "") .. "$", list[i].time)
      list[i].time = nil
      assert.same({level = level, message = "told at " .. level}, list[i])
    end
  end)

  it("writes valid JSON whatever is in a message", function()
    local list = objects([[
      mt.log.info('","level":"error","message":"forged')
      mt.log.info("a\n{\"level\":\"error\"}\n")
      mt.log.info("\0\27[31m\\ \255\u{d7ff}")
      mt.log.info {a = {1}}
      mt.log.info(("x"):rep(1000000))]], {})
    assert.equal(5, #list)
    local messages = {}
    for i, object in ipairs(list) do
      assert.equal("info", object.level)
      messages[i] = object.message
    end
    assert.equal(1000000, #table.remove(messages))
    assert.same({
      '","level":"error","message":"forged', 'a\\x0a{"level":"error"}\\x0a', "\\x00\\x1b[31m\\ \\xff\u{d7ff}", '{"a":[1]}',
    }, messages)
  end)
end)

describe("A caller's mistake: mt.log", function()
  local function raises(text, call)
    local result = host.script("\n" .. call .. '\nprint "not reached"')
    assert.same({4, ""}, {result.code, result.out})
    local line, message = result.err:match("^moontide: /[^\n]*%.lua:(%d+): ([^\n]*)\n")
    assert.same({"2", text}, {line, message}, result.err)
  end

  it("raises for a format that does not fit", function()
    raises([[log.info: the format "%d" does not fit: bad argument #2 to 'string.format' (number expected, got string)]],
      'mt.log.info("%d", "x")')
    raises([[log.warn: the format "%s %s" does not fit: bad argument #3 to 'string.format' (no value)]],
      'mt.log.warn("%s %s", "one")')
    raises([[log.error: the format "%y" does not fit: invalid conversion '%y' to 'format']],
      'mt.log.error("%y", 1)')
  end)

  it("raises for arguments without a format", function()
    raises('log.info: argument "format" must be a string, got table', 'mt.log.info({}, 1)')
    raises('log.info: argument "format" must be a string, got nil', 'mt.log.info(nil, 1)')
  end)

  it("goes on after one that was caught", function()
    assert.same({"INFO  goes on"}, logged('assert(not pcall(mt.log.info, "%d", "x")) mt.log.info "goes on"'))
  end)

  it("raises what a hostile __tostring raises", function()
    raises("hostile", 'mt.log.info(setmetatable({}, {__tostring = function() error "hostile" end}))')
    local result = host.script("mt.log.info(setmetatable({}, {__tostring = function() return {} end}))")
    assert.equal(4, result.code)
    assert.matches("'__tostring' must return a string", result.err)
  end)

  it("is refused on the command line for a format that there is not", function()
    local result = host.run {"--log-format", "xml", "eval", "1"}
    assert.equal(2, result.code)
    assert.matches("%-%-log%-format", result.err)
  end)
end)
