--- An sshd of the tests on 127.0.0.1, and an `ssh` that knows it: nothing of the user's is read.
---
--- It lives in a directory, and with it all that it starts: `command`, which is earlier in PATH, is
--- ssh with a configuration of its own; over there `docker` is the docker command line, whose engine
--- is that of the tests.

local host = require "spec.support.host"

local sshd = {}
sshd.__index = sshd

local PORT = 22022

local SERVER = [[
Port %d
ListenAddress 127.0.0.1
HostKey %s/host_key
AuthorizedKeysFile %s/authorized_keys
PidFile %s/sshd.pid
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM %s
LogLevel VERBOSE
SetEnv DOCKER_HOST=%s PATH=%s/there
]]

local CLIENT = [[
IdentityFile %s/key
IdentitiesOnly yes
UserKnownHostsFile %s/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
UpdateHostKeys no
]]

local function run(command, ...)
  local result = host.shell(command:format(...))
  if result.code ~= 0 then error(("%s\n%s%s"):format(command, result.out, result.err), 2) end
  return result.out
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- Without PAM sshd refuses an account whose password is locked.
local function root_is_locked()
  local file = io.open("/etc/shadow")
  local text = file and file:read("a") or ""
  if file then file:close() end
  return ("\n" .. text):find("\nroot:!", 1, true) ~= nil
end

--- Makes keys and configuration below `directory`; starts nothing.
function sshd.new(directory)
  local self = setmetatable({directory = directory, port = PORT, path = directory .. "/here:" .. os.getenv("PATH")}, sshd)
  run("mkdir -p '%s'/here '%s'/there && cd '%s' && ssh-keygen -q -t ed25519 -N '' -f key && " ..
    "ssh-keygen -q -t ed25519 -N '' -f host_key && cp key.pub authorized_keys && ln -s /usr/bin/docker there/docker",
    directory, directory, directory)
  local pam = root_is_locked() and "yes" or "no"
  local engine = os.getenv("DOCKER_HOST")
  write(directory .. "/sshd_config", SERVER:format(PORT, directory, directory, directory, pam, engine, directory))
  write(directory .. "/ssh_config", CLIENT:format(directory, directory))
  self:command()
  self:trust(true)
  return self
end

--- What `ssh` does, a line of the shell; default: it is ssh.
function sshd:command(line)
  line = line or ("exec /usr/bin/ssh -F '%s/ssh_config' \"$@\""):format(self.directory)
  write(self.directory .. "/here/ssh", "#!/bin/sh\n" .. line .. "\n")
  run("chmod +x '%s'/here/ssh", self.directory)
end

--- Whether the client knows the host's key.
function sshd:trust(known)
  local key = assert(io.open(self.directory .. "/host_key.pub")):read("l")
  write(self.directory .. "/known_hosts", known and ("[127.0.0.1]:%d %s\n"):format(PORT, key) or "")
end

--- Whether the host knows the user's key.
function sshd:authorize(known)
  run("cp %s '%s'/authorized_keys", known and ("'%s'/key.pub"):format(self.directory) or "/dev/null", self.directory)
end

--- Whether there is a docker command line over there.
function sshd:install(present)
  run(present and "ln -sf /usr/bin/docker '%s'/there/docker" or "ln -sf /nowhere '%s'/there/docker", self.directory)
end

function sshd:start()
  run("cd '%s' && mkdir -p /run/sshd && : >log && " ..
    "setsid /usr/sbin/sshd -D -f \"$PWD/sshd_config\" -E \"$PWD/log\" </dev/null >/dev/null 2>&1 &", self.directory)
  run("for i in $(seq 500); do grep -q '^Server listening' '%s'/log && exit 0; sleep 0.01; done; cat '%s'/log; exit 1",
    self.directory, self.directory)
end

--- Kills it, and with `sessions` (default) its connections.
function sshd:stop(sessions)
  local script = [[
    pid=$(cat '%s/sshd.pid' 2>/dev/null) || exit 0
    all=$pid
    for level in 1 2 3; do all="$all $(pgrep -d ' ' -P "$(echo $all | tr ' ' ,)")"; done
    kill -KILL %s 2>/dev/null
    rm -f '%s/sshd.pid'
    # What has ended and has not been collected yet is still there, as a zombie.
    while grep -q '^State:.[^Z]' /proc/$pid/status 2>/dev/null; do sleep 0.01; done]]
  host.shell(script:format(self.directory, sessions == false and "$pid" or "$all", self.directory))
end

--- How many connections have logged in since the start.
function sshd:logins()
  return tonumber((run("grep -c '^Accepted publickey' '%s'/log || true", self.directory)))
end

--- The ssh processes that the tests' programs have started, once their number is `wanted` or 5 s have passed.
function sshd:clients(wanted)
  return tonumber((run([[
    for i in $(seq 500); do
      n=$(pgrep -f -c "^/usr/bin/ssh -F %s/ssh_config" || true); [ "$n" = %d ] && break; sleep 0.01
    done; echo "$n"]], self.directory, wanted)))
end

--- Options for host.script: the engine behind this host.
---@param where string? default "root@127.0.0.1:22022"
function sshd:options(where)
  return {env = {PATH = self.path, DOCKER_HOST = "ssh://" .. (where or "root@127.0.0.1:" .. PORT)}}
end

return sshd
