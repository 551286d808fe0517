--- A proxy before the engine's socket, as docker-socket-proxy is one: haproxy, TCP in, the unix socket out.
---
---   local it = proxy.start {read_only = true}
---   engine.value(LABEL, code, it.where)
---   after_each(proxy.stop_all)

local host = require "spec.support.host"
local uv = require "luv"

local proxy = {}
proxy.__index = proxy

local running = {}

local CONFIG = [[
global
  log stderr local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client %s
  timeout server %s
frontend tests
  bind 127.0.0.1:%d
  %s
  default_backend engine
backend engine
  server engine unix@%s
]]

local function free_port()
  local server = uv.new_tcp()
  assert(server:bind("127.0.0.1", 0))
  local port = server:getsockname().port
  server:close()
  uv.run() -- else it stays open
  return port
end

--- Listens when it returns.
---@param options {read_only: boolean?, idle: string?, socket: string?}? read_only: POST is refused with
---  403; idle: connections on which nothing moves for so long are cut, default "10m"; socket: the
---  engine's, default that of $DOCKER_HOST
---@return {host: string, where: {env: table}} where: options for host.script
local function start(options)
  options = options or {}
  local port, idle = free_port(), options.idle or "10m"
  local socket = options.socket or os.getenv("DOCKER_HOST"):match("^unix://(.*)$")
  local config = host.file(CONFIG:format(idle, idle, port, options.read_only and "http-request deny if METH_POST" or "",
    socket))
  local pipe = assert(io.popen(("echo $$; exec haproxy -db -q -f '%s' </dev/null 2>&1"):format(config)))
  local self = setmetatable({pipe = pipe, pid = assert(pipe:read("n")), config = config}, proxy)
  running[self] = true
  self.host = "tcp://127.0.0.1:" .. port
  self.where = {env = {DOCKER_HOST = self.host}}
  local up = ("until curl -s -o /dev/null http://127.0.0.1:%d/; do kill -0 %d && sleep 0.02 || exit; done")
  if host.shell(up:format(port, self.pid), {timeout = 10}).code ~= 0 then
    self:stop()
    error("haproxy does not start: " .. self.said, 2)
  end
  return self
end

function proxy:stop()
  running[self] = nil
  os.execute(("kill -KILL %d"):format(self.pid))
  self.said = self.pipe:read("a")
  self.pipe:close()
  os.remove(self.config)
end

--- For after_each: whatever runs is stopped.
local function stop_all()
  for self in pairs(running) do self:stop() end
end

return {start = start, stop_all = stop_all}
