-- The commands that speak to an engine or the state file: help, completion, and what they refuse before they do.
local cjson = require "cjson"
local host = require "spec.support.host"

describe("Every command of the manager", function()
  local COMMANDS = {
    ensure = {"web"}, reconcile = {"web"}, scale = {"web", "--min", "1"}, start = {"web"}, stop = {"web"}, rm = {"web"},
    stats = {"web"}, prune = {}, forget = {"web"}, adopt = {"web"}, ps = {"web"},
  }

  for command, words in pairs(COMMANDS) do
    it(command .. " ends with 3 when the engine cannot be reached", function()
      local result = host.run {"-H", "unix:///nosuch.sock", command, table.unpack(words)}
      assert.are.same({3, ""}, {result.code, result.out}, result.err)
      assert.matches("^moontide: .*/nosuch%.sock", result.err)
    end)

    it(command .. " has help, and words to complete", function()
      local help = host.run {command, "--help"}
      assert.are.same({0, ""}, {help.code, help.err})
      local offered = host.run({"completion", "words", command, "-"}).out
      local own = command == "ps" and {"--all"} or command == "stats" and {"--watch"} or {"--wait", "--timeout", "--dry-run"}
      for _, option in ipairs {"--json", "--state", table.unpack(own)} do
        assert.truthy(help.out:find(option, 1, true), option)
        assert.truthy(offered:find(option .. "\t", 1, true), option)
      end
      for line in help.out:gmatch("[^\n]+") do assert.is_true(#line <= 80, line) end
    end)
  end

  it("stats takes no name for the value of --watch", function()
    for _, words in ipairs {{"--watch", "web"}, {"web", "--watch"}, {"--watch=5s", "web"}} do
      assert.are.equal(3, host.run({"-H", "unix:///nosuch.sock", "stats", table.unpack(words)}).code)
    end
  end)

  it("speaks JSON of what goes wrong when it is asked to", function()
    for _, words in ipairs {{"scale", "web"}, {"stop"}, {"frob"}, {"rm", "../x"}, {"ps", "cmd-manager-nosuch"}} do
      local result = host.run {"--log-format", "json", table.unpack(words)}
      assert.is_true(result.code == 2 or result.code == 1)
      local message = cjson.decode(result.err)
      assert.are.equal("error", message.level)
      assert.truthy(message.message:find(words[2] and words[1] .. ": " or words[1], 1, true), result.err)
    end
  end)

  for _, case in ipairs {
    {"needs %-%-min N, %-%-max N or both", "scale", "web"},
    {"too many arguments: say how many with %-%-min N and %-%-max N", "scale", "web", "3"},
    {"%-%-min 3 is more than %-%-max 2", "scale", "web", "--min", "3", "--max", "2"},
    {'%-%-min must be a whole number from 0 to 1000, got "%-1"', "scale", "web", "--min", "-1"},
    {'%-%-max must be a whole number from 0 to 1000, got "%-1"', "scale", "web", "--max=-1"},
    {'%-%-min must be a whole number from 0 to 1000, got " 3"', "scale", "web", "--min", " 3"},
    {'%-%-min must be a whole number from 0 to 1000, got "\\x1b%[2J"', "scale", "web", "--min", "\27[2J"},
    {'TARGET "=3" is neither a name nor an image', "scale", "=3", "--min", "1"},
    {'TARGET "\\x1b%[31m" is neither a name nor an image', "forget", "\27[31m"},
    {'TARGET "" is neither a name nor an image', "ps", ""},
    {'"NAME" must be a name or id', "stop", "web", "bad/"},
    {'"NAME" must be a name or id', "rm", "../../x"},
    {'"NAME" must be a name or id.*got string "w\\x0a2"', "start", "w\n2"},
    {'"NAME" must be a name or id', "stats", "wéb"},
    {"IMAGE is a bad image reference", "ensure", "UPPER/x"},
    {"IMAGE is a bad image reference", "reconcile", "a:b:c"},
    {"IMAGE is a bad image reference", "adopt", ""},
    {"%-%-env%-file: .*nosuch%.env: No such file", "ensure", "web", "--env-file", "/nosuch.env"},
    {"%-%-env%-file: /dev/zero: is longer than 1 MiB", "ensure", "web", "--env-file", "/dev/zero"},
    {"%-%-env%-file: /tmp: Is a directory", "ensure", "web", "--env-file", "/tmp"},
    {"%-%-env has no name before its =", "ensure", "web", "-e", "=hush"},
    {"%-p: port \"80\" has no protocol", "ensure", "web", "-p", "80"},
    {"%-%-status' must be one of", "ensure", "web", "--status", "paused"},
    {'%-%-timeout must be a time above 0, such as 30, 500ms or 5m, got "0"', "prune", "--timeout", "0"},
    {'%-%-timeout must be a time above 0.*got "%-5"', "stop", "web", "--timeout", "-5"},
    {"%-%-watch must be a time above 0", "stats", "--watch=never"},
    {"missing argument", "rm"},
    {"%-%-since must be how long ago", "history", "--since", "yesterday"},
    {"%-%-limit must be a whole number above 0", "history", "--limit", "0"},
    {"%-%-state names no file", "scale", "web", "--min", "1", "--state="},
    {"unknown option '%-%-replica'", "scale", "web", "--replica=3"},
  } do
    it(("refuses %s: %s"):format(case[2], case[1]:gsub("%%", "")), function()
      local result = host.run({table.unpack(case, 2)}, {env = {DOCKER_HOST = os.getenv "DOCKER_HOST"}})
      assert.are.same({2, ""}, {result.code, result.out}, result.err)
      assert.matches("^moontide " .. case[2] .. ": .*" .. case[1], result.err)
      assert.matches("; see moontide " .. case[2] .. " %-%-help\n$", result.err)
      assert.is_nil(result.err:sub(1, -2):find("%c"), result.err)
      assert.is_nil(result.err:find("hush", 1, true))
    end)
  end
end)
