-- What the commands read, and what they make of it for people: pure, as tables of cases.
local amount = require "moontide.cmd.amount"
local environment = require "moontide.cmd.environment"
local instant = require "moontide.core.instant"
local outcome = require "moontide.cmd.outcome"
local plain = require "moontide.cmd.plain"
local target = require "moontide.cmd.target"
local waiting = require "moontide.cmd.waiting"
local wish = require "moontide.cmd.wish"

describe("Counts", function()
  it("are whole numbers from 0 to 1000, as people write them", function()
    for text, count in pairs {["0"] = 0, ["1"] = 1, ["1000"] = 1000, ["007"] = 7} do
      assert.are.equal(count, amount.count("--min", text))
    end
  end)

  for _, text in ipairs {"-1", "3.5", "1e3", "0x10", "٣", " 3", "3 ", "", "+3", "1001", "99999999999999999999", "3\n",
    "nan", "three"} do
    it(("do not come from %q"):format(text), function()
      local count, why = amount.count("--min", text)
      assert.is_nil(count)
      assert.matches("^%-%-min must be a whole number from 0 to 1000, got \"", why)
      assert.is_nil(why:find("%c"))
    end)
  end

  it("are shown escaped when they are none", function()
    assert.are.same({nil, '--limit must be a whole number above 0, got "\\x1b[31m0"'}, {amount.positive("--limit", "\27[31m0")})
    assert.is_nil(amount.positive("--limit", "0"))
    assert.are.equal(12, amount.positive("--limit", "12"))
  end)
end)

describe("Times", function()
  it("that something may take are above 0", function()
    assert.are.equal(90, amount.duration("--timeout", "1m30s"))
    assert.are.equal(0.25, amount.duration("--timeout", "250ms"))
    for _, text in ipairs {"0", "0s", "-1", "soon", "", "1e3", "5 minutes"} do
      local seconds, why = amount.duration("--timeout", text)
      assert.is_nil(seconds, text)
      assert.truthy(why:find(('--timeout must be a time above 0, such as 30, 500ms or 5m, got "%s"'):format(text), 1, true), why)
    end
  end)

  it("since when are spans, RFC 3339 or Unix seconds", function()
    local now = 1700000600
    for text, seconds in pairs {
      ["10m"] = 1700000000, ["1700000000"] = 1700000000, ["1700000000.5"] = 1700000000.5, ["100000d"] = 0,
      ["2023-11-14T22:13:20Z"] = 1700000000, ["2023-11-14T23:13:20+01:00"] = 1700000000,
      ["2023-11-14 22:13:20.25Z"] = 1700000000.25,
    } do
      assert.are.equal(seconds, amount.since("--since", text, now), text)
    end
    for _, text in ipairs {"yesterday", "", "-10m", "2023-11-14", "2023-13-14T22:13:20Z", "\27[2J"} do
      local seconds, why = amount.since("--since", text, now)
      assert.is_nil(seconds, text)
      assert.matches('^%-%-since must be how long ago, such as 10m, or a time such as 2026', why)
      assert.is_nil(why:find("%c"))
    end
  end)

  it("of RFC 3339 are days that there are", function()
    for text, seconds in pairs {
      ["1970-01-01T00:00:00Z"] = 0, ["2000-02-29T12:00:00Z"] = 951825600,
      ["2026-11-23T01:39:31.899070655Z"] = 1795397971.899070655,
      ["1969-12-31T23:59:59z"] = -1, ["2026-01-01T00:30:00+01:00"] = 1767223800, ["2016-12-31T23:59:60Z"] = 1483228800,
    } do
      assert.are.equal(seconds, instant.read(text), text)
    end
    for _, text in ipairs {"1900-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+0100",
      "2026-01-01T00:00:00+99:00", "2026-1-1T00:00:00Z", "x2026-01-01T00:00:00Z", 5, {}} do
      assert.is_nil(instant.read(text), tostring(text))
    end
    assert.is_nil(instant.read(nil))
  end)
end)

local OURS = {HOME = "/root", EMPTY = "", TOKEN = "hush"}
local function getenv(name) return OURS[name] end

describe("--env", function()
  local function added(text)
    local env = {}
    local ok, why = environment.add(env, text, getenv)
    return ok and env, why
  end

  it("is NAME=VALUE, or a NAME with our value", function()
    for text, env in pairs {
      ["A=1"] = {A = "1"}, ["A="] = {A = ""}, ["A=b=c"] = {A = "b=c"}, ["A= b "] = {A = " b "}, ["HOME"] = {HOME = "/root"},
      ["EMPTY"] = {EMPTY = ""}, ["UNSET"] = {}, ["A='x'"] = {A = "'x'"}, ["ä=1"] = {["ä"] = "1"},
    } do
      assert.are.same(env, (added(text)), text)
    end
  end)

  it("is refused without a name, and its value is never told", function()
    for _, text in ipairs {"=hush", "", "A B=hush", "A\t=hush", " A=hush", "hush hush"} do
      local env, why = added(text)
      assert.is_falsy(env, text)
      assert.is_nil(why:find("hush"), text)
    end
  end)
end)

describe("--env-file", function()
  local function read(text)
    local env = {}
    local ok, why = environment.add_file(env, "app.env", text, getenv)
    return ok and env, why
  end

  it("is read as Docker reads it", function()
    assert.are.same({A = "1", B = " two # no comment ", C = "'quoted'", HOME = "/root", D = ""},
      (read "\239\187\191A=1\r\n\n# comment\n   # another\nB= two # no comment \n  C='quoted'\nHOME\nUNSET\nD="))
    assert.are.same({}, (read ""))
    assert.are.same({A = "2"}, (read "A=1\nA=2\n"))
  end)

  it("says which line is wrong, never what is on it", function()
    for text, expected in pairs {
      ["A=1\n=hush"] = "app.env:2: the line has no name before its =",
      ["A B=hush"] = "app.env:1: the line has a blank in its name",
      ["#\n\nhush\27[2Jhush=1"] = "app.env:3: the line has a blank in its name",
      ["A=hush\255"] = "app.env:1: the line is no valid UTF-8",
    } do
      local env, why = read(text)
      assert.is_falsy(env)
      assert.are.equal(expected, why:sub(1, #expected))
      assert.is_nil(why:find("hush"), why)
    end
  end)

  it("never prints its own name raw", function()
    local _, why = environment.add_file({}, "a\27[2J", "=x", getenv)
    assert.matches("^a\\x1b%[2J:1: ", why)
  end)
end)

describe("The wish on a command line", function()
  local files = {["a.env"] = "A=file\nB=file\n"}
  local world = {getenv = getenv, read = function(path)
    return files[path], not files[path] and path .. ": No such file or directory" or nil
  end}

  local function read(options) return wish.read(options, world) end

  it("has only what was given", function()
    assert.are.same({}, read {})
    assert.are.same({ports = {["80/tcp"] = 0}}, read {publish = {"80/tcp"}})
    assert.are.same({resources = {cpu = "500m", memory = "256m", status = "stopped"}},
      read {cpu = "500m", memory = "256m", status = "stopped"})
  end)

  it("takes variables from files, then from --env", function()
    assert.are.same({env = {A = "word", B = "file", HOME = "/root"}}, read {env_file = {"a.env"}, env = {"A=word", "HOME"}})
    assert.are.same({nil, "--env-file: b.env: No such file or directory"}, {read {env_file = {"a.env", "b.env"}}})
  end)

  it("takes ports in every form of a spec", function()
    assert.are.same({ports = {["80/tcp"] = 8080, ["81/tcp"] = "8080-8090", ["53/udp"] = "127.0.0.1:53", ["82/tcp"] = "[::1]:82"}},
      read {publish = {"80/tcp=8080", "81/tcp=8080-8090", "53/udp=127.0.0.1:53", "82/tcp=[::1]:82"}})
  end)

  for _, case in ipairs {
    {{publish = {"80"}}, '-p: port "80" has no protocol; write "80/tcp"'},
    {{publish = {"8080:80"}}, '-p "8080:80" is in another order here; write -p 80/tcp=8080'},
    {{publish = {"127.0.0.1:8080:80/tcp"}},
      '-p "127.0.0.1:8080:80/tcp" is in another order here; write -p 80/tcp=127.0.0.1:8080'},
    {{publish = {"80/tcp="}}, '-p "80/tcp=" has no host port; leave out the ='},
    {{publish = {"80/tcp", "80/tcp=1"}}, "-p 80/tcp is there twice"},
    {{publish = {"80/tcp=1", "81/tcp=1"}}, '-p: ports "80/tcp" and "81/tcp" both want host port 1'},
    {{publish = {"80/tcp=65536"}}, '-p: host port 65536 of "80/tcp" is not in the range 1 to 65535 (0: the engine chooses)'},
    {{publish = {"80/foo"}}, '-p: port "80/foo" has an unknown protocol; valid: tcp, udp, sctp'},
    {{publish = {"0/tcp"}}, '-p: port "0/tcp" is not in the range 1 to 65535'},
    {{publish = {"\27[2J"}}, '-p: port "\\x1b[2J" cannot be read; write "80/tcp"'},
    {{publish = {""}}, '-p: port "" cannot be read; write "80/tcp"'},
    {{cpu = "0"}, '--cpu must be CPUs above 0, as 0.5, "500m" or 2, got string "0"'},
    {{cpu = "nan"}, '--cpu must be CPUs above 0, as 0.5, "500m" or 2, got string "nan"'},
    {{memory = "5"}, '--memory must be at least "6m", the engine\'s minimum, got string "5"'},
    {{memory = "1e+14"}, '--memory must be memory above 0, as "256m", "1.5g" or bytes, got string "1e+14"'},
    {{env = {"=hush"}}, "--env has no name before its ="},
  } do
    it("is refused: " .. case[2]:gsub("%c", "?"), function()
      local given, why = read(case[1])
      assert.is_nil(given)
      assert.are.equal(case[2], why)
    end)
  end

  it("says what is wrong with an image", function()
    assert.is_nil(wish.image_fault "registry:5000/team/web:1.2")
    assert.matches('^IMAGE is a bad image reference: a repository is in lower case; write "up"', wish.image_fault "UP")
    for _, image in ipairs {"", " ", "a:b:c", "../x", "x\ny", ("x"):rep(5000), "web/"} do
      assert.matches("^IMAGE is a bad image reference", wish.image_fault(image))
      assert.is_nil(wish.image_fault(image):find("%c"))
    end
  end)

  it("is laid over the one that there is", function()
    local known = {image = "web", min_replicas = 2, max_replicas = 5, env = {A = "1"}, ports = {["80/tcp"] = 0},
      resources = {cpu = 1, memory = "64m"}}
    assert.are.same({min_replicas = 2, max_replicas = 5, env = {A = "1"}, ports = {["80/tcp"] = 0},
      resources = {cpu = 1, memory = "64m"}}, wish.merge(known, {}))
    assert.are.same({min_replicas = 2, max_replicas = 5, env = {B = "2"}, ports = {["80/tcp"] = 0},
      resources = {cpu = "2", memory = "64m"}}, wish.merge(known, {env = {B = "2"}, resources = {cpu = "2"}}))
    assert.are.same({env = {}, ports = {}, resources = {}}, wish.merge(nil, {}))
    assert.are.same({cpu = 1, memory = "64m"}, known.resources)
  end)
end)

local function container(name, id, image, more)
  local summary = {name = name, container_id = id, image = image, status = "running", labels = {}, ports = {}}
  for key, value in pairs(more or {}) do summary[key] = value end
  return summary
end

describe("A target", function()
  local list = {
    container("web", ("a1"):rep(32), "shop"), container("db", ("a2"):rep(32), "postgres:16"),
    container("dead", ("beef"):rep(16), "db", {labels = {["orchestrator.image"] = "db:1"}}),
  }

  local function find(word) return target.find("scale", word, list, {"nginx:latest", "beef"}) end

  it("is a name, an id, an image, or the beginning of one id", function()
    for word, expected in pairs {
      web = {list[1], "shop"}, [("a2"):rep(32)] = {list[2], "postgres:16"}, db = {list[2], "postgres:16"},
      shop = {nil, "shop"}, ["postgres:16"] = {nil, "postgres:16"}, ["shop:latest"] = {nil, "shop"},
      nginx = {nil, "nginx:latest"},
      a1 = {list[1], "shop"}, dead = {list[3], "db:1"}, ["db:1"] = {nil, "db:1"}, beef = {nil, "beef"}, beefb = {list[3], "db:1"},
    } do
      local found = find(word)
      assert.are.same({expected[1], expected[2]}, {found.container, found.image}, word)
    end
  end)

  it("is said not to be there with what there is, the likeliest first", function()
    local found, err = find "wbe"
    assert.is_nil(found)
    assert.are.same({"not_found", 'scale: no container or image "wbe"; there are web, db, dead, beef, db:1 and 3 more'},
      {err.kind, tostring(err)})
    assert.matches('no container "we"; there are web, db, dead$', select(2, target.container("stop", "we", list)).message)
    assert.matches('no container "x"; there are none$', select(2, target.container("stop", "x", {})).message)
    assert.matches('no container "x"; there is web$', select(2, target.container("stop", "x", {list[1]})).message)
    assert.matches('there are db, web, dead$', select(2, target.container("stop", "bd", list)).message)
    assert.matches('there are dead, web, db$', select(2, target.container("stop", "ea", list)).message)
  end)

  it("that begins several ids is not guessed", function()
    local found, err = target.container("rm", "a", list)
    assert.is_nil(found)
    assert.are.equal('rm: the id "a" is short for 2 containers (web, db); write more of it', tostring(err))
    assert.are.equal("invalid", err.kind)
    assert.is_nil(find "a")
    assert.is_nil((target.container("rm", "shop", list))) -- an image is no container
  end)

  it("is shown escaped", function()
    local hostile = {container("\27[31m", "f", "x")}
    assert.matches('no container "\\x1b%[2J"', select(2, target.container("rm", "\27[2J", hostile)).message)
    assert.matches('there is \\x1b%[31m$', select(2, target.container("rm", "y", hostile)).message)
  end)
end)

describe("What was done", function()
  local ports = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "32768"}}}
  local details = {name = "shop-1a2b3c4d", container_id = ("071d7e38af68"):rep(5), ports = ports}

  it("is an aligned line for each action, and one for each failure", function()
    local rows, failures = outcome.of_reconcile("scale", {ok = false, image = "shop", error = "first", current = {},
      desired = {min_replicas = 1, max_replicas = 1}, actions = {
        {action = "create", ok = true, details = details}, {action = "create", ok = false, error = "no room\27"},
        {action = "remove", ok = true, name = "old", container_id = ("f"):rep(64)}, {action = "stop", ok = false, name = "x"},
      }})
    assert.are.equal("created shop-1a2b3c4d (071d7e38af68) 32768->80/tcp\nremoved old           (ffffffffffff)\n",
      outcome.lines(rows))
    assert.are.same({"scale shop: create: no room\27", "scale container x: stop: it failed"}, failures)
  end)

  it("is told when it was nothing, and when nothing could be done", function()
    local result = {ok = true, image = "shop", actions = {}, desired = {min_replicas = 1, max_replicas = 3},
      current = {container("a", "b", "shop"), container("c", "d", "shop", {status = "exited"})}}
    assert.are.equal("kept shop: 1 running, as wished (1 to 3)\n", outcome.lines((outcome.of_reconcile("reconcile", result))))
    result.current[1].status = "exited"
    assert.are.equal("kept shop: 2 stopped, as wished (1 to 3)\n", outcome.lines((outcome.of_reconcile("reconcile", result))))
    result.ok, result.error = false, "1 of 2 containers run"
    assert.are.same({{}, {"reconcile shop: 1 of 2 containers run"}}, {outcome.of_reconcile("reconcile", result)})
  end)

  it("never drives the terminal", function()
    local row = outcome.row("created", {name = "\27[2J", container_id = "f", ports = {["\27"] = ports["80/tcp"]}})
    local text = outcome.lines {row}
    assert.are.equal("created \\x1b[2J (f) 32768->\\x1b\n", text)
  end)

  it("is planned with reasons", function()
    assert.are.equal("nothing to do\n", outcome.of_plan {})
    assert.are.equal("would create shop: 0 run, at least 1 should\nwould remove web: 2 run\n", outcome.of_plan {
      {action = "create", image = "shop", reason = "0 run, at least 1 should"},
      {action = "remove", image = "shop", name = "web", container_id = "f", reason = "2 run"},
    })
  end)
end)

describe("--wait", function()
  local bound = {["80/tcp"] = {{HostIp = "0.0.0.0", HostPort = "1"}}}
  local cases = {
    {{min = 0}, {}, nil},
    {{min = 1}, {}, "0 of 1 container is ready"},
    {{min = 1}, {{name = "a", status = "running"}}, nil},
    {{min = 2}, {{name = "a", status = "running"}, {name = "b", status = "exited", exit_code = 3}},
      "1 of 2 containers are ready; b is exited (exit code 3)"},
    {{min = 1}, {{name = "a", status = "running", health = "starting"}}, "0 of 1 container is ready; a is starting"},
    {{min = 1}, {{name = "a", status = "running", health = "healthy"}}, nil},
    {{min = 1, keys = {"80/tcp", "81/tcp"}}, {{name = "a", status = "running", ports = bound}},
      "0 of 1 container is ready; a has no 81/tcp yet"},
    {{min = 1, keys = {"80/tcp"}}, {{name = "a", status = "running", ports = bound}}, nil},
    {{min = 1, max = 1}, {{name = "a", status = "running"}, {name = "b", status = "running"}},
      "2 containers run, at most 1 may"},
    {{min = 1, max = 1}, {{name = "a", status = "running"}, {name = "b", status = "exited"}}, nil},
    {{min = 1, stopped = true}, {{name = "a", status = "exited"}}, nil},
    {{min = 1, stopped = true}, {{name = "a\27", status = "running"}}, "a\\x1b still runs"},
    {{min = 9}, {{name = "a", status = "dead"}, {name = "b", status = "dead"}, {name = "c", status = "dead"},
      {name = "d", status = "dead"}}, "0 of 9 containers are ready; a is dead, b is dead, c is dead"},
  }
  for i, case in ipairs(cases) do
    it(("case %d: %s"):format(i, case[3] or "nothing is missing"), function()
      assert.are.equal(case[3], waiting.missing(case[1], case[2]))
    end)
  end
end)

describe("Plain command lines", function()
  local function read(kind, ...)
    return plain.read(function(parser)
      parser:argument("first")
      parser:argument("rest"):args(kind)
      parser:flag("--flag")
    end, {...})
  end

  it("have lists of arguments", function()
    assert.are.same({first = "a", rest = {"b", "c"}}, read("+", "a", "b", "c"))
    assert.are.same({first = "a", rest = {"b"}, flag = true}, read("*", "a", "--flag", "b"))
    assert.are.same({first = "a", rest = {}}, read("*", "a"))
    assert.are.same({first = "a"}, read("?", "a"))
  end)

  it("are argparse's to judge when too little or too much is there", function()
    assert.is_nil(read("+", "a"))
    assert.is_nil(read("*"))
    assert.is_nil(read("?", "a", "b", "c"))
    assert.is_nil(read("2", "a", "b", "c"))
  end)
end)
