local errors = require "moontide.core.errors"

describe("core.errors", function()
  it("is a table that prints as what was tried and what happened", function()
    local err = errors.new("conflict", "docker.run", "the name web-1 is taken", {status = 409, next = "relist"})
    assert.equal("docker.run: the name web-1 is taken", tostring(err))
    assert.same({kind = "conflict", op = "docker.run", message = "the name web-1 is taken",
      status = 409, next = "relist"}, setmetatable(err, nil))
  end)

  it("prints the message alone when nothing in particular was tried", function()
    assert.equal("cancelled", tostring(errors.new("cancelled", nil, "cancelled")))
  end)

  it("gives up unless it is told more", function()
    assert.equal("give_up", errors.new("engine", "x", "y").next)
  end)

  it("survives a script that emptied it", function()
    local err = errors.new("engine", "x", "y")
    err.message, err.op = nil, nil
    assert.equal("nil", tostring(err))
  end)

  it("knows its own", function()
    assert.is_true(errors.is(errors.new("timeout", "x", "y")))
    assert.is_true(errors.is(setmetatable({}, errors.metatable)))
    assert.is_false(errors.is({kind = "timeout"}))
    assert.is_false(errors.is("timeout"))
    assert.is_false(errors.is(nil))
    assert.equal("moontide.error", errors.metatable.__name)
  end)

  it("refuses a kind that nobody documents", function()
    assert.has_error(function() errors.new("oops", "x", "y") end)
  end)

  it("ends a function with nil, err and shows arguments harmlessly", function()
    local value, err = errors.fail("docker.pull", "not_found", "no image %s (%d)", "a\27[2Jb", 3)
    assert.is_nil(value)
    assert.equal("docker.pull: no image a\\x1b[2Jb (3)", tostring(err))
    assert.equal("not_found", err.kind)
  end)

  local cases = {
    {"plain", "a b~", "a b~"},
    {"letters of the world", "Ünï-月", "Ünï-月"},
    {"line feed, tab, DEL, NUL", "a\n\t\127\0b", "a\\x0a\\x09\\x7f\\x00b"},
    {"C1 control in UTF-8", "\u{9b}2J", "\\xc2\\x9b2J"},
    {"right-to-left override", "a\u{202e}b", "a\\xe2\\x80\\xaeb"},
    {"invisible isolate", "\u{2066}", "\\xe2\\x81\\xa6"},
    {"no UTF-8", "a\xffb\xc3", "a\\xffb\\xc3"},
    {"cut in the middle of a letter", "\xe6\x9c", "\\xe6\\x9c"},
    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"nothing", "", ""},
  }
  for _, case in ipairs(cases) do
    it("escapes: " .. case[1], function() assert.equal(case[3], errors.escape(case[2])) end)
  end
end)
