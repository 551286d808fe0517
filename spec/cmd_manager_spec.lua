-- ensure, reconcile, scale, start, stop, rm, prune, forget, adopt and history, as an operator types them.
local commands = require "spec.support.commands"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local WEB = commands.image
local run, done, document, fails = commands.run, commands.done, commands.document, commands.fails
local names, clean, plain = commands.names, commands.clean, commands.plain

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

describe("The manager's commands", function()
  setup(clean)
  before_each(commands.new_state)
  after_each(clean)
  teardown(commands.forget_states)

  describe("ensure", function()
    it("makes one container, and keeps what it is given for those that scale makes later", function()
      local file = host.file("# of the app\nB=from the file\nC=file\n")
      local made = done("ensure", WEB, "-p", "80/tcp", "-e", "A=1", "--env-file", file, "-e", "C=word", "-e", "TOKEN",
        "-e", "UNSET_", "--cpu", "0.5", "--memory", "64m")
      os.remove(file)
      assert.matches("^created web%-%x+ %(%x+%) %d+%->80/tcp\n$", made)
      assert.are.equal(12, #made:match("%((%x+)%)"))
      assert.matches("^created web%-%x+ %(%x+%) %d+%->80/tcp\n$", done("scale", WEB, "--min", "2", "--wait"))
      for _, name in ipairs(names(WEB)) do
        local found = engine.inspect(name)
        local env = table.concat(found.Config.Env, "\n") .. "\n"
        for _, line in ipairs {"A=1", "B=from the file", "C=word", "TOKEN=hush-hush"} do
          assert.truthy(env:find(line .. "\n", 1, true), env)
        end
        assert.is_nil(env:find("UNSET_", 1, true))
        assert.are.same({500000000, 67108864}, {found.HostConfig.NanoCpus, found.HostConfig.Memory})
        assert.truthy(found.NetworkSettings.Ports["80/tcp"][1].HostPort)
      end
      for _, words in ipairs {{"history"}, {"history", "--json"}, {"reconcile"}, {"ps", "--json"}} do
        assert.is_nil(done(table.unpack(words)):find("hush-hush", 1, true))
      end
    end)

    it("prints the manager's table, keeps the one that there is, and says when it was made otherwise", function()
      local made = document("ensure", WEB, "--json", "-e", "A=1", "-p", "80/tcp")
      assert.are.same({true, "created", WEB, "running"}, {made.ok, made.action, made.image, made.status})
      assert.truthy(made.ports["80/tcp"][1].HostPort)
      local name = made.name
      assert.are.equal("kept-existing", document("--json", "ensure", WEB).action)
      assert.matches("^kept " .. plain(name) .. " %(%x+%) %d+%->80/tcp\n$", done("ensure", WEB))
      local result = run("ensure", WEB, "-e", "A=2")
      assert.are.equal(0, result.code)
      assert.matches(("%s was made with other settings; moontide rm %s and ensure it again"):format(plain(name), plain(name)),
        result.err)
      done("rm", name)
      done("ensure", WEB)
      assert.truthy(table.concat(engine.inspect(names()[1]).Config.Env, " "):find("A=2", 1, true))
    end)

    it("keeps no wish of what could not be made", function()
      fails(1, "^moontide: ensure moontide/nosuch: Failed to run container: .*nosuch", "ensure", "moontide/nosuch", "-e", "A=1")
      assert.are.equal("nothing to do\n", done "reconcile")
      assert.are.same({}, names())
    end)

    it("makes one that does not run, and starts one that should", function()
      assert.matches("^created ", done("ensure", WEB, "--status", "stopped", "--wait"))
      assert.are.equal("created", commands.containers()[1].State)
      assert.matches("^kept ", done("ensure", WEB, "--status", "running", "--wait"))
      assert.are.equal("running", commands.containers()[1].State)
    end)
  end)

  describe("scale and reconcile", function()
    it("make what is missing, and remove what is too much", function()
      done("ensure", WEB)
      assert.matches("^created web%-%x+ %(%x+%)\ncreated web%-%x+ %(%x+%)\n$", done("scale", WEB, "--min", "3", "--max", "4"))
      assert.are.equal("kept moontide/web: 3 running, as wished (3 to 4)\n", done("scale", names()[1], "--min", "3"))
      engine.api("DELETE", "/containers/" .. names()[1] .. "?force=1")
      assert.matches("^created [^\n]*\n$", done "reconcile")
      local result = document("scale", WEB, "--max", "1", "--json", "--min", "0")
      assert.are.same({true, 2, 1, {min_replicas = 0, max_replicas = 1}},
        {result.ok, #result.actions, #result.current, result.desired})
      assert.are.equal(1, #names())
    end)

    it("wait until the containers are healthy", function()
      local result = document("scale", "moontide/health", "--min", "1", "--wait", "--json")
      assert.are.same({true, "healthy"}, {result.ok, result.current[1].health})
    end)

    it("say what was not reached in time", function()
      done("ensure", WEB)
      engine.api("POST", ("/containers/%s/pause"):format(names()[1]))
      local result = run("scale", WEB, "--min", "1", "--wait", "--timeout", "2s")
      assert.are.same({1, "kept moontide/web: 0 running (wished: 1)\n"}, {result.code, result.out})
      assert.are.equal(("moontide: scale moontide/web: not reached within 2s: 0 of 1 container is ready; %s is paused\n"):format(
        names()[1]), result.err)
      fails(1, "^moontide: scale moontide/web: not done in time; part of it may be done", "scale", WEB, "--min", "3",
        "--timeout", "1ms")
    end)

    it("do the others when one image fails", function()
      local code = ("local m = mt.manager {}; for _, i in ipairs {'moontide/nosuch', %q} do "
        .. "assert(m:register_desired_state(i, {}))end"):format(WEB)
      assert.are.equal(0, run("eval", code).code)
      local result = run "reconcile"
      assert.are.equal(1, result.code)
      assert.matches("^created web%-%x+ %(%x+%)\n$", result.out)
      assert.matches("^moontide: reconcile moontide/nosuch: create: Failed to run container: [^\n]*\n$", result.err)
      assert.are.equal(1, #names(WEB))
      local list, again = document("reconcile", "--json")
      assert.are.same({1, 2}, {again.code, #list})
    end)

    it("plan with reasons, and change nothing, not even the state", function()
      assert.are.equal("would create moontide/web: there is none\n", done("ensure", WEB, "--dry-run", "-e", "A=1"))
      assert.are.equal(("would create moontide/web: 0 run, at least 2 should\n"):rep(2),
        done("scale", WEB, "--min", "2", "--dry-run"))
      assert.are.equal("would create moontide/web: 0 run, at least 1 should\n", done("reconcile", WEB, "--dry-run"))
      assert.are.equal("nothing to do\n", done("reconcile", "--dry-run"))
      assert.are.equal("nothing to do\n", done("prune", "--dry-run"))
      assert.are.equal("nothing to do\n", done("forget", WEB, "--dry-run"))
      assert.are.equal("nothing to do\n", done("adopt", WEB, "--dry-run"))
      assert.are.same({{}, false}, {names(), exists(commands.state)})
      done("ensure", WEB, "-p", "80/tcp")
      local steps = document("scale", WEB, "--max", "0", "--min", "0", "--dry-run", "--json")
      assert.are.same({1, "remove", names()[1], "1 run, at most 0 may", WEB},
        {#steps, steps[1].action, steps[1].name, steps[1].reason, steps[1].image})
      assert.are.equal("nothing to do\n", done("ensure", WEB, "--dry-run"))
      assert.are.equal("kept moontide/web: 1 running, as wished (1)\n", done "reconcile")
    end)
  end)

  describe("start, stop, rm and prune", function()
    it("take names, ids and beginnings of ids; history tells why", function()
      done("scale", WEB, "--min", "3")
      local one, two, three = table.unpack(names())
      local id = engine.inspect(one).Id
      local stopped = done("stop", id:sub(1, 12), two)
      assert.matches("stopped " .. plain(one) .. " %(" .. id:sub(1, 12) .. "%)\n", stopped)
      assert.are.equal("exited", engine.inspect(two).State.Status)
      assert.matches("^started " .. plain(one), done("start", one, "--wait"))
      assert.are.equal("running", engine.inspect(one).State.Status)
      assert.are.equal(("would start %s: it is exited\n"):format(two), done("start", one, two, "--dry-run"))
      assert.are.equal(("would stop   %s: it is running\nwould remove %s: it is running\n"):format(one, one),
        done("rm", one, "--dry-run"))
      assert.are.equal(("would remove %s: it is exited\n"):format(two), done("prune", "--dry-run"))
      assert.matches("^removed " .. plain(two) .. " %(%x+%)\n$", done "prune")
      assert.are.equal("nothing to do\n", done "prune")
      local removed = document("rm", one, three, "--json")
      assert.are.same({true, one, true, three}, {removed[1].deleted, removed[1].name, removed[2].deleted, removed[2].name})
      assert.are.same({}, names())

      local text = done "history"
      assert.matches("^TIME +KIND +TARGET +REASON\n%d+%-%d%d%-%d%d %d%d:%d%d:%d%d  scale +moontide/web +3 to 3 ", text)
      assert.matches("\n[%d-]+ [%d:]+  create  web%-%x+ +0 run, at least 3 should\n", text)
      assert.matches("stop +" .. plain(one) .. " +asked for\n", text)
      assert.are.equal(3, select(2, text:gsub("  create  ", ""))) -- what was intended is not told beside what came of it
      local list = document("history", "--json", one)
      assert.are.same({"remove", one, WEB}, {list[#list].kind, list[#list].target, list[#list].image})
      local _, lines = done("history", "--limit", "2"):gsub("\n", "")
      assert.are.equal(3, lines)
      assert.are.equal(text, done("history", "--since", "1h"))
      assert.are.equal("[]\n", done("history", "--since", "2100-01-01T00:00:00Z", "--json"))
      fails(1, '^moontide: history: nothing is known of "wbe"; there are ', "history", "wbe")
    end)

    it("do what can be done, and say what cannot", function()
      done("ensure", WEB, "--status", "stopped")
      local name, other = names()[1], "cmd-manager-spec-" .. os.time()
      local result = run("rm", "nosuch", name, name)
      assert.are.equal(1, result.code)
      assert.matches("^removed " .. plain(name) .. " %(%x+%)\n$", result.out)
      assert.matches('^moontide: rm: no container "nosuch"; there [^\n]*' .. plain(name) .. "[^\n]*\n$", result.err)
      local list = document("start", "nosuch", "--json")
      assert.are.same({ok = false, error = "not-found", name = "nosuch", kind = "not_found"}, list[1])
      assert.are.equal(201, (engine.api("POST", "/containers/create?name=" .. other, {Image = WEB})))
      fails(1, "^moontide: rm " .. plain(other) .. ": it is not managed by moontide", "rm", other)
      assert.matches("^removed ", done("rm", "-f", other))
    end)

    it("have no history without a state file, and make none", function()
      assert.are.equal("TIME  KIND  TARGET  REASON\n", done "history")
      assert.is_false(exists(commands.state))
    end)
  end)

  describe("forget and adopt", function()
    it("leave the containers, and those of another state file alone until they are adopted", function()
      done("ensure", WEB, "-e", "A=1")
      local name, theirs = names()[1], commands.state
      assert.are.equal("would forget moontide/web: 1 to 1 are wished\n", done("forget", name, "--dry-run"))
      assert.are.equal("forgot moontide/web: its containers stay as they are\n", done("forget", WEB))
      assert.are.equal("nothing to do\n", done "reconcile")
      assert.are.equal("forgot moontide/web: nothing was wished of it\n", done("forget", WEB))
      commands.new_state()
      fails(1, "^moontide: rm " .. plain(name) .. ": it belongs to another", "rm", name)
      assert.are.equal(("would adopt %s: it belongs to another state file\n"):format(name), done("adopt", WEB, "--dry-run"))
      assert.matches("^adopted " .. plain(name) .. " %(%x+%)\n$", done("adopt", WEB))
      assert.are.equal("nothing to do\n", done("adopt", WEB))
      assert.matches("^kept " .. plain(name), done("ensure", WEB))
      assert.matches("^kept ", done("--state", theirs, "ensure", WEB))
    end)
  end)
end)
