-- moontide completion: in the shells themselves.
local host = require "spec.support.host"

local name = "completion-spec-" .. os.time()
local directory

-- The shells find the program under test as `moontide`.
local function environment()
  return {PATH = directory .. ":" .. os.getenv("PATH"), HOME = directory, XDG_CONFIG_HOME = directory, TERM = "dumb"}
end

local function sorted(text)
  local words = {}
  for line in text:gmatch("[^\r\n]+") do words[#words + 1] = line:match("^[^\t]*") end
  table.sort(words)
  return words
end

-- What each shell offers for the last word of the line.
local SHELLS = {}

function SHELLS.bash(line)
  local words = {}
  for word in (line .. "\1"):gmatch("[^ ]+") do words[#words + 1] = "'" .. word:gsub("\1", "") .. "'" end
  local code = ([[
    eval "$(moontide completion bash)"
    COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=${#COMP_LINE}
    _moontide 2>/dev/null; printf '%%s\n' "${COMPREPLY[@]}"
  ]]):format(table.concat(words, " "), #words - 1, line)
  return host.shell("exec bash --norc -s", {stdin = code, env = environment()})
end

function SHELLS.fish(line)
  return host.shell("exec fish --no-config", {
    stdin = ("moontide completion fish | source; complete -C '%s'\n"):format(line), env = environment(),
  })
end

-- zsh completes only at a terminal: _describe and _files are replaced by what prints what they are given.
function SHELLS.zsh(line)
  local words = {}
  for word in (line .. "\1"):gmatch("[^ ]+") do words[#words + 1] = "'" .. word:gsub("\1", "") .. "'" end
  return host.shell("exec zsh -f -s", {env = environment(), stdin = ([[
    compdef() { :; }
    _describe() {
      local item
      for item in "${(@P)2}"; do
        item=${item//\\:/$'\1'}; item=${item%%%%:*}; print -r -- ${item//$'\1'/:}
      done
    }
    _files() { print -l -- *(N); }
    eval "$(moontide completion zsh)"
    words=(%s); CURRENT=%d; _moontide
  ]]):format(table.concat(words, " "), #words)})
end

describe("moontide completion", function()
  setup(function()
    directory = os.tmpname()
    os.remove(directory)
    assert(os.execute(("mkdir '%s' && ln -s '%s' '%s/moontide'"):format(directory, host.binary, directory)))
    local made = host.eval(('mt.docker.create {image = "moontide/web", name = %q}'):format(name))
    assert.are.equal(0, made.code, made.err)
  end)

  teardown(function()
    host.eval(("mt.docker.remove(%q)"):format(name))
    os.execute(("rm -r '%s'"):format(directory))
  end)

  for shell, complete in pairs(SHELLS) do
    describe("in " .. shell, function()
      local function offers(line)
        local result = complete(line)
        assert.are.equal("", result.err)
        return sorted(result.out)
      end

      local function has(list, word)
        for _, item in ipairs(list) do
          if item == word then return true end
        end
        return false
      end

      it("offers commands", function()
        assert.are.same({"eval"}, offers "moontide eva")
        assert.is_true(has(offers "moontide ", "doctor"))
        assert.are.same({"doctor"}, offers "moontide -H unix:///x doc")
      end)

      it("offers options", function()
        assert.are.same({"--memory-limit"}, offers "moontide --mem")
        assert.are.same({"--all"}, offers "moontide ps --a")
      end)

      it("offers the values of options, and of arguments", function()
        assert.are.same({"json", "text"}, offers "moontide --log-format ")
        assert.are.same({"bash"}, offers "moontide completion ba")
        assert.are.same({"running", "stopped"}, offers "moontide ensure x --status ")
        assert.are.same({"moontide/web"}, (function()
          local images = {}
          for _, word in ipairs(offers "moontide scale moontide/w") do images[#images + 1] = word:match("^moontide/web") end
          return images
        end)())
      end)

      it("offers containers", function()
        assert.are.same({name}, offers("moontide ps " .. name:sub(1, -2)))
        assert.are.same({name}, offers("moontide stop --timeout 5s other " .. name:sub(1, -2)))
        assert.are.same({name}, offers("moontide stats --watch " .. name:sub(1, -2)))
        assert.are.same({}, offers("moontide -H unix:///nosuch.sock ps " .. name:sub(1, 10)))
      end)

      it("offers files where scripts are meant", function()
        assert.truthy(next(offers "moontide run "))
        assert.truthy(next(offers "moontide --state "))
        assert.truthy(next(offers "moontide ensure x --env-file "))
      end)
    end)
  end

  it("says how it is used in its first lines", function()
    assert.matches('^# moontide\'s completion for bash.*eval "%$%(moontide completion bash%)"',
      host.run({"completion", "bash"}).out)
    assert.are.equal(2, host.run({"completion", "tcsh"}).code)
    assert.are.equal(2, host.run({"completion"}).code)
  end)

  it("never fails, whatever is asked", function()
    for _, words in ipairs {
      {}, {"--"}, {"-"}, {"nosuch", ""}, {"ps", "--", "--all"}, {"-H"}, {"--memory-limit", "1k", ""},
    } do
      local result = host.run {"completion", "words", table.unpack(words)}
      assert.are.same({0, ""}, {result.code, result.err})
    end
  end)
end)
