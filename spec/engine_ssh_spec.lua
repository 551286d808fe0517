-- An engine over ssh://: every connection is an `ssh HOST docker system dial-stdio`, on a real sshd.

local engine = require "spec.support.engine"
local host = require "spec.support.host"
local sshd = require "spec.support.sshd"

local ADDRESS = "ssh://root@127.0.0.1:22022"
local SOCKET = os.getenv("DOCKER_HOST"):match("^unix://(.*)$")

local server

setup(function()
  local directory = os.tmpname()
  os.remove(directory)
  server = sshd.new(directory)
end)

before_each(function() server:start() end)

-- No ssh of a program that has ended is left.
after_each(function()
  local left = server:clients(0)
  server:stop()
  engine.clean "ssh"
  assert.are.equal(0, left)
end)

teardown(function() host.shell(("rm -rf '%s'"):format(server.directory)) end)

local function value(code, where) return engine.value("ssh", code, server:options(where)) end

local function failure(code, where) return engine.failure("ssh", code, server:options(where)) end

describe("an engine over ssh", function()
  it("is used as any other", function()
    local result = value [[
      local c = assert(docker.run(web {name = "ssh-life"}))
      local seen = assert(docker.list {label = {spec = LABEL}})[1]
      assert(docker.stop(c.container_id, {timeout = 0}))
      local stopped = assert(docker.inspect "ssh-life").State.Status
      assert(docker.remove "ssh-life")
      return {seen.name, seen.status, stopped}]]
    assert.are.same({"ssh-life", "running", "exited"}, result)
  end)

  it("is logged in to once by calls that follow each other", function()
    assert.are.equal(6, value "local n = 0 for _ = 1, 6 do n = n + (docker.list() and 1 or 0) end return n")
    assert.are.equal(1, server:logins())
  end)

  it("takes many calls at once, on few connections", function()
    local n = value [[
      local calls = {}
      for i = 1, 60 do calls[i] = function() return assert(docker.list()) end end
      return #mt.all(calls)]]
    assert.are.equal(60, n)
    assert.is_true(server:logins() <= 9)
  end)

  it("takes more long calls than its sshd takes connections that have not logged in", function()
    local n = value [[
      local calls = {}
      for i = 1, 14 do calls[i] = function() return select(2, docker.stop("none-" .. i)) end end
      local errs = mt.all(calls)
      for i = 1, 14 do assert(errs[i].kind == "not_found", tostring(errs[i])) end
      return #errs]]
    assert.are.equal(14, n)
  end)

  it("carries streams, and bytes both ways", function()
    assert.are.same(engine.WENT_BOTH_WAYS, value(engine.BOTH_WAYS))
  end)

  it("may listen on a socket that is named", function()
    assert.are.equal("table", value("return type(docker.version())", "root@127.0.0.1:22022" .. SOCKET))
  end)

  it("gives back what long calls hold when they are cancelled", function()
    assert.are.same({kind = "timeout"}, value [[
      local c = assert(docker.run(web {name = "ssh-wait"}))
      local _, err = mt.timeout(0.5, function() return docker.wait(c.container_id) end)
      return {kind = err.kind}]])
  end)

  it("may have words on the side, which do not get into the replies", function()
    server:command "echo beside >&2; exec /usr/bin/ssh -F \"${0%/*/*}/ssh_config\" \"$@\""
    local kind = value "return type(docker.list())"
    server:command()
    assert.are.equal("table", kind)
  end)
end)

describe("an engine over ssh that cannot be reached", function()
  local function reads(err, kind, next, ...)
    assert.are.same({kind, next}, {err.kind, err.next})
    engine.reads(err, "docker.list: cannot connect to ssh://", ...)
  end

  it("for want of an sshd is a matter of the address", function()
    server:stop()
    reads(failure "return docker.list()", "transport", "retry", ADDRESS,
      "ssh: connect to host 127.0.0.1 port 22022: Connection refused", "that sshd runs there")
  end)

  it("for want of a key is denied", function()
    server:authorize(false)
    local err = failure "return docker.list()"
    server:authorize(true)
    reads(err, "denied", "give_up", "Permission denied (publickey)", "ssh-copy-id")
  end)

  it("for a host key that nobody knows is denied", function()
    server:trust(false)
    local err = failure "return docker.list()"
    server:trust(true)
    reads(err, "denied", "give_up", "Host key verification failed", "log in once with ssh")
  end)

  it("for want of a docker command line over there says so", function()
    server:install(false)
    local err = failure "return docker.list()"
    server:install(true)
    reads(err, "transport", "retry", "docker", "not found", "install the docker command line over there")
  end)

  it("for want of an engine over there says so", function()
    reads(failure("return docker.list()", "root@127.0.0.1:22022/nowhere.sock"), "transport", "retry",
      "/nowhere.sock", "is the Docker Engine running over there?")
  end)

  it("for a name that is none says so", function()
    reads(failure("return docker.list()", "moontide.invalid"), "transport", "retry",
      "Could not resolve hostname moontide.invalid", "check the name")
  end)

  it("for want of an ssh says so", function()
    local where = server:options()
    local bin = server.directory .. "/bin"
    host.shell(("mkdir -p '%s' && ln -sf $(command -v sh) $(command -v env) $(command -v timeout) '%s'"):format(bin, bin))
    where.env.PATH = bin
    reads(engine.failure("ssh", "return docker.list()", where), "transport", "retry",
      "cannot run ssh: there is no such program", "openssh-client")
  end)

  it("because nothing answers is a matter of time", function()
    server:command "exec sleep 1000"
    local err = failure 'return docker.request("GET", "/info", {timeout = 0.5})'
    server:command()
    assert.are.equal("timeout", err.kind)
    engine.reads(err, "docker.request: ", "no reply from the Docker Engine at " .. ADDRESS .. " within 0.5 s")
  end)
end)

describe("an sshd that ends", function()
  -- Kills it while the script waits at that place, which it says by making a file.
  local function kill_at(code, before)
    local flag = os.tmpname()
    os.remove(flag)
    host.shell(("(for i in $(seq 2000); do [ -e '%s' ] && break; sleep 0.01; done; %s) >/dev/null 2>&1 &"):format(
      flag, before))
    local result = failure((code:gsub("FLAG", ("%q"):format(flag))))
    os.remove(flag)
    return result
  end

  it("in the middle of calls fails them, once each, with what ssh said", function()
    local err = kill_at([[
      local c = assert(docker.run(web {name = "ssh-cut"}))
      local waits = mt.spawn(docker.wait, c.container_id, {timeout = 20})
      for _ = 1, 10 do mt.sleep(0.05) end -- turns, in which it is sent
      io.open(FLAG, "w"):close()
      return select(2, waits:join())]], ("pid=$(cat '%s/sshd.pid'); kill $(pgrep -P $pid) $pid"):format(server.directory))
    assert.are.equal("transport", err.kind)
    engine.reads(err, "docker.wait: ", "lost the reply of " .. ADDRESS, "closed by remote host", "look before you repeat it")
  end)

  -- In place of ssh: its shell says something at its start, which is not why the connection is lost later.
  local function stub(last)
    server:command([[
      echo 'bash: beside: command not found' >&2
      head() {
        length=0
        while read -r line && [ "$line" != "$(printf '\r')" ]; do
          case $line in *HTTP/1.1*) what=$line ;; Content-Length:*) length=$(echo "${line#*: }" | tr -d '\r') ;; esac
        done
        dd bs=1 count=$length of=/dev/null 2>&-
        [ "$line" ]
      }
      reply() { printf 'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: %d\r\n\r\n%s' ${#1} "$1"; }
      while head; do
        case $what in
          *_ping*) reply OK ;;
          *containers/c/exec*) reply '{"Id":"e"}' && exit 0 ;;
          *exec/e/json*) reply '{"Running":false,"ExitCode":0}' ;;
          *exec/e/start*) printf 'HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n\1\0\0\0\0\0\0\3abc'; ]] .. last .. [[ ;;
          *) exit 255 ;;
        esac
      done]])
  end

  it("after its shell spoke does not look like one without an engine", function()
    stub "exit 255"
    local err = failure 'return docker.stop "c"'
    server:command()
    assert.are.same({"transport", "relist"}, {err.kind, err.next})
    engine.reads(err, "docker.stop: ", "lost the reply of " .. ADDRESS, "look before you repeat it")
  end)

  it("in the middle of an output does not look like the end of that", function()
    stub "echo 'Connection closed by 127.0.0.1 port 22022' >&2; exit 255" -- which also a host says that lets nobody in
    local err = failure 'return docker.exec("c", {"x"})'
    stub "exit 0"
    local whole = value 'return docker.exec("c", {"x"})'
    server:command()
    assert.are.equal("transport", err.kind)
    engine.reads(err, "docker.exec: ", "lost the reply of " .. ADDRESS)
    assert.are.equal("abc", whole.stdout)
  end)

  it("between calls is noticed, and a new one is used", function()
    local flag, back = os.tmpname(), os.tmpname()
    os.remove(flag)
    os.remove(back)
    local script = ([[
      for i in $(seq 2000); do [ -e '%s' ] && break; sleep 0.01; done
      pid=$(cat '%s/sshd.pid'); kill $(pgrep -P $pid) $pid
      while kill -0 $pid; do sleep 0.01; done
      setsid /usr/sbin/sshd -D -f '%s/sshd_config' -E '%s/log' </dev/null &
      for i in $(seq 500); do [ "$(grep -c '^Server listening' '%s/log')" = 2 ] && break; sleep 0.01; done
      touch '%s']]):format(flag, server.directory, server.directory, server.directory, server.directory, back)
    local path = host.file(script)
    host.shell(("sh '%s' >/dev/null 2>&1 &"):format(path))
    assert.are.equal("table", value(([[
      assert(docker.list())
      io.open(%q, "w"):close()
      repeat mt.sleep(0.01) until io.open(%q)
      return type(assert(docker.list()))]]):format(flag, back)))
    assert.are.equal(2, server:logins())
    for _, file in ipairs {path, flag, back} do os.remove(file) end
  end)
end)

describe("connections over ssh end", function()
  -- The first is asked for the version; none of them ever says more.
  it("although nothing over there ends, and no more than eight of them log in at once", function()
    local first = os.tmpname()
    server:command(([[
      if [ -e '%s' ]; then
        rm '%s'
        while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
        printf 'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK'
      fi
      exec sleep 1000]]):format(first, first))
    local got = value [[
      local count = "pgrep -c -P " .. io.open("/proc/self/stat"):read("n") .. " '^(ssh|sleep)$'"
      local function clients() return tonumber(io.popen(count):read("a")) end
      local function wait_for(done)
        for _ = 1, 500 do if done(clients()) then break end mt.sleep(0.01) end
      end
      local calls = {}
      for i = 1, 20 do calls[i] = mt.spawn(docker.wait, "none-" .. i) end
      wait_for(function(n) return n >= 9 end)
      mt.sleep(0.1) -- is there a tenth?
      local most = clients()
      for i = 1, 20 do calls[i]:cancel() end
      wait_for(function(n) return n == 0 end)
      return {most, clients()}]]
    server:command()
    os.remove(first)
    assert.are.same({9, 0}, got)
  end)

  it("with the program, however it ends", function()
    for _, ending in ipairs {"os.exit(0)", "os.exit(3)", "error 'x'", "io.popen('kill -KILL $PPID')", "io.popen('kill $PPID')"} do
      host.script("assert(mt.docker.list()) " .. ending .. " mt.sleep(0.2)", server:options())
      assert.are.equal(0, server:clients(0), ending)
    end
  end)

  it("with the engine that is not used any more", function()
    assert.are.equal(0, value [[
      do local other = docker.connect {} assert(other.list()) end
      collectgarbage() collectgarbage()
      local count = "pgrep -c -P " .. io.open("/proc/self/stat"):read("n") .. " ssh"
      for _ = 1, 300 do
        local n = tonumber(io.popen(count):read("a"))
        if n == 0 then return n end
        mt.sleep(0.01)
      end
      return "they are left"]])
  end)
end)
