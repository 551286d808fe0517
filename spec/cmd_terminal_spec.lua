-- stats and ps, as an operator sees them: once, again and again, on terminals of all widths.
local cjson = require "cjson"
local commands = require "spec.support.commands"
local host = require "spec.support.host"

local WEB = commands.image
local done, names, clean, plain = commands.done, commands.names, commands.clean, commands.plain

describe("The manager's commands", function()
  before_each(commands.new_state)
  after_each(clean)
  teardown(commands.forget_states)

  describe("stats", function()
    -- An engine takes a second or two for a container's: all is asked at once.
    local seen, one, two = {}, nil, nil
    local ASK = [[
      cd "$1"; shift
      "$MT" stats >once 2>&1 &
      { "$MT" stats --json "$@" nosuch >json 2>err; echo $? >code; } &
      env --default-signal=INT "$MT" stats --watch=100ms >blocks 2>&1 & first=$!
      TERM=xterm script -qec "'$MT' stats --watch=100ms" /dev/null >drawn 2>&1 & second=$!
      TERM=xterm script -qec "stty rows 3 cols 80; '$MT' stats --watch=100ms" /dev/null >low 2>&1 & third=$!
      for _ in $(seq 200); do
        grep -qzP 'NAME.*\n(web.*\n)+\nNAME.*\nweb' blocks && grep -qzP 'NAME.*\n(.*web.*\n)+.*NAME' drawn &&
          grep -q more low && break
        sleep 0.1
      done
      kill -INT $first; kill $second $third; wait $first; echo $? >ended; wait
    ]]

    setup(function()
      commands.new_state()
      done("scale", WEB, "--min", "2")
      one, two = table.unpack(names())
      local place = os.tmpname()
      local shell = host.shell(("rm '%s'; mkdir '%s'; bash -s '%s' '%s'"):format(place, place, place, two),
        {stdin = ASK, env = {MOONTIDE_STATE = commands.state, MT = host.binary}, timeout = 60})
      assert.are.equal(0, shell.code, shell.err)
      for _, name in ipairs {"once", "json", "err", "code", "blocks", "drawn", "low", "ended"} do
        local file = assert(io.open(place .. "/" .. name))
        seen[name] = file:read("a")
        file:close()
      end
      os.execute(("rm -r '%s'"):format(place))
    end)

    it("shows what containers use, once", function()
      assert.matches("^NAME +STATUS +CPU %% +MEMORY +MEM %% +LIMIT +DISK FREE\n", seen.once)
      assert.matches("\n" .. plain(one) .. " +running +%d+%.%d ", seen.once)
      assert.matches("\n" .. plain(two) .. " +running", seen.once)
    end)

    it("shows those that are named, as a document", function()
      local list = cjson.decode(seen.json)
      assert.are.same({"1\n", true, two, "running", true},
        {seen.code, list[1].ok, list[1].name, list[1].status, list[1].server_alive})
      assert.are.same({ok = false, error = "not-found", name = "nosuch"}, list[2])
      assert.matches('^moontide: stats: no container "nosuch"', seen.err)
    end)

    it("goes on with --watch: in place on a terminal, else in blocks", function()
      assert.matches("^NAME [^\n]*\nweb[^\n]*\nweb[^\n]*\n\nNAME [^\n]*\nweb", seen.blocks)
      assert.are.same({"130\n", nil}, {seen.ended, seen.blocks:find("\27", 1, true)})
      assert.matches("^\27%[JNAME [^\n]*\n[^\n]*\n[^\n]*\n\27%[3A\r\27%[JNAME", seen.drawn)
      assert.matches("^\27%[JNAME [^\n]*\n%.%.%. and 2 more\r?\n", seen.low)
    end)
  end)

  describe("on a terminal", function()
    local function seen(command, columns, env)
      env = env or {TERM = "xterm", NO_COLOR = false}
      env.MOONTIDE_STATE = commands.state
      local typed = ("script -qec 'stty cols %d rows 24; %s %s' /dev/null"):format(columns, host.binary, command)
      return host.shell(typed, {env = env}).out
    end

    it("tables have the room that there is, names are whole, and the status is coloured", function()
      done("ensure", WEB, "-p", "80/tcp")
      local name = names()[1]
      for columns, header in pairs {
        [40] = "NAME +STATUS +PORTS\r\n", [56] = "NAME +IMAGE +STATUS +PORTS\r\n", [67] = "NAME +ID +IMAGE +STATUS +PORTS\r\n",
        [100] = "NAME +ID +IMAGE +STATUS +AGE +PORTS\r\n",
      } do
        local text = seen("ps", columns, {NO_COLOR = "1"})
        assert.matches("^" .. header .. plain(name) .. " ", text)
        for line in text:gmatch("[^\r\n]+") do assert.is_true(#line <= columns, line) end
      end
      assert.matches("\27%[32mrunning\27%[0m", seen("ps", 80))
      assert.is_nil(seen("ps", 80, {NO_COLOR = "1"}):find("\27", 1, true))
      assert.is_nil(seen("ps", 80, {TERM = "dumb", NO_COLOR = false}):find("\27", 1, true))
      done("stop", name)
      assert.matches("\27%[31mexited\27%[0m", seen("ps -a", 80))
      assert.is_nil(done("ps", "-a"):find("\27", 1, true))
    end)
  end)
end)
