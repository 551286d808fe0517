local images = require "moontide.docker.spec.image"
local words = require "moontide.docker.spec.words"

describe("docker.spec image", function()
  local digest = "sha256:" .. ("0f"):rep(32)
  local good = {"web", "web:1", "library/web", "a/b/c:v1.2_x-y", "localhost/x", "localhost:5000/x:1", "reg.example.com/x",
    "Reg.Example.com:443/a/b", "x@" .. digest, "x:1@" .. digest, digest, ("0f"):rep(32), "a__b", "a--b.c", "[::1]:5000/x"}
  for _, image in ipairs(good) do
    it("takes " .. image, function()
      assert.is_nil(images.fault(image))
    end)
  end

  local tag = ' is none: letters, digits, "_", ".", "-", at most 128'
  local bad = {
    {"", "it is empty"}, {" ", "it has blanks or control characters"}, {"a\27", "it has blanks or control characters"},
    {"UPPER/x", 'a repository is in lower case; write "upper/x"'},
    {"a:b:c", 'the tag "b:c"' .. tag}, {"a:", 'the tag ""' .. tag}, {"a:" .. ("b"):rep(129), 'the tag "' .. ("b"):rep(40)
      .. '..."' .. tag},
    {"x@sha256:zz", "the digest must be sha256: and 64 hexadecimal digits"},
    {("a"):rep(5000), "the repository is longer than 255 bytes"}, {"https://r/x", '"https:" is no registry'},
    {"a//b", '"a//b" is no repository'}, {"a/", '"a/" is no repository'}, {"-a", '"-a" is no repository'},
    {"a...b", '"a...b" is no repository'}, {"a._b", '"a._b" is no repository'}, {"ü", '"ü" is no repository'},
    {"reg:5000/", '"" is no repository'},
  }
  for _, case in ipairs(bad) do
    it(("refuses %q"):format(case[1]:sub(1, 40)), function() assert.equal(case[2], images.fault(case[1])) end)
  end
end)

describe("docker.spec words", function()
  local cases = {
    {"", {}}, {"  ", {}}, {"a", {"a"}}, {" a  b\tc\n", {"a", "b", "c"}}, {"'a b' c", {"a b", "c"}},
    {'"a b"c', {"a bc"}}, {"a'b'\"c\"", {"abc"}}, {"''", {""}}, {'a "" b', {"a", "", "b"}}, {"a\\ b", {"a b"}},
    {"'a\\b'", {"a\\b"}}, {'"a\\"b\\\\c\\d"', {'a"b\\c\\d'}}, {"a\\\nb", {"ab"}}, {'"a\\\nb"', {"ab"}},
    {"echo $HOME '*' #x", {"echo", "$HOME", "*", "#x"}}, {"sh -c 'a && b; c | d'", {"sh", "-c", "a && b; c | d"}},
    {"a\\;b", {"a;b"}}, {"ü 月", {"ü", "月"}},
  }
  for _, case in ipairs(cases) do
    it(("splits %q"):format(case[1]), function() assert.same(case[2], (words.split(case[1]))) end)
  end

  local bad = {
    {"a 'b", "the quote ' at byte 3 is never closed"}, {'"', 'the quote " at byte 1 is never closed'},
    {'"a\\"', 'the quote " at byte 1 is never closed'}, {"a\\", "it ends with a backslash"},
    {"a>b", '">" needs a shell: quote it, or write {"sh", "-c", "..."}'},
    {"`a`", '"`" needs a shell: quote it, or write {"sh", "-c", "..."}'},
  }
  for _, case in ipairs(bad) do
    it(("refuses %q"):format(case[1]), function()
      local list, why = words.split(case[1])
      assert.is_nil(list)
      assert.equal(case[2], why)
    end)
  end
end)
