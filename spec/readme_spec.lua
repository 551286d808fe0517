-- README.md says what is true: its snippets run, one after another, and print what they say; its command
-- lines parse; what it links is there.
local host = require "spec.support.host"

local NOWHERE = "unix:///nosuch.sock"

local file = assert(io.open("README.md"))
local readme = file:read("a")
file:close()

local snippets = {} -- {code, line}
for at, code in readme:gmatch("()```lua\n(.-)```") do
  local _, line = readme:sub(1, at):gsub("\n", "")
  snippets[#snippets + 1] = {code = code, line = line + 1}
end

-- What the comments of a snippet say that it prints: "..." stands for anything.
local function announced(code)
  local lines = {}
  for text in code:gmatch("%-%-> ([^\n]*)") do lines[#lines + 1] = text end
  return lines
end

local function is_as(text, said)
  local pattern = said:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("%%%.%%%.%%%.", ".*")
  return text:find("^" .. pattern .. "$") ~= nil
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  return lines
end

describe("A snippet of README.md #slow", function()
  teardown(function()
    for _, name in ipairs {"web", "web-1", "job", "brief", "writer"} do
      host.eval(("mt.docker.remove(%q, {force = true})"):format(name))
    end
    host.eval "mt.docker.network_remove('back'), mt.docker.volume_remove('shop-data'), mt.docker.remove_image('shop:1')"
  end)

  for _, snippet in ipairs(snippets) do
    it(("prints what it says (line %d)"):format(snippet.line), function()
      local result = host.script(snippet.code)
      assert.are.same({0, ""}, {result.code, result.err})
      local said, printed = announced(snippet.code), lines_of(result.out)
      for i, line in ipairs(said) do
        assert.is_true(is_as(printed[i] or "nothing", line), ("it says %q and prints %q"):format(line, printed[i] or "nothing"))
      end
      assert.are.equal(#said, #printed, result.out)
    end)
  end

  it("is there for every function of an engine", function()
    local names = host.eval "(function() for name in pairs(mt.docker) do print(name) end end)()"
    local code = ""
    for _, snippet in ipairs(snippets) do code = code .. snippet.code end
    local count = 0
    for name in names.out:gmatch("[%w_]+") do
      if name ~= "use" then -- the command line's
        assert.truthy(code:find("%f[%w_]" .. name .. "%f[^%w_]"), name)
        assert.truthy(readme:find("`[^`\n]*%f[%w_]" .. name .. "[({]"), "no row: " .. name)
        count = count + 1
      end
    end
    assert.is_true(count > 30)
  end)
end)

describe("README.md #slow", function()
  it("has only command lines that parse", function()
    local directory = os.tmpname()
    os.remove(directory)
    assert(os.execute(("mkdir '%s' && touch '%s/count.lua'"):format(directory, directory)))
    local count = 0
    for line in readme:gmatch("[^\n]+") do
      local words = line:match("^    %$? ?moontide (.*)$")
      if words then
        count = count + 1
        local result = host.shell(("cd '%s' && exec '%s' -H %s %s"):format(directory, host.binary, NOWHERE, words))
        assert.are_not.equal(2, result.code, line .. "\n" .. result.err)
        assert.is_nil((result.out .. result.err):find("see moontide", 1, true), line)
      end
    end
    os.execute(("rm -r '%s'"):format(directory))
    assert.is_true(count > 10)
  end)

  it("shows every command", function()
    for _, name in ipairs(require("moontide.cmd.declaration").commands()) do
      assert.truthy(readme:find("\n    moontide " .. name .. " ", 1, true) or readme:find("moontide " .. name, 1, true), name)
    end
  end)

  it("links only to what is there", function()
    for path in readme:gmatch("%]%(([^)#]+)%)") do
      if not path:find("^%a+:") then assert.truthy(os.execute(("test -e '%s'"):format(path)), path) end
    end
  end)
end)
