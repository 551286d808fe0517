--- mt.docker: the default engine's functions, and connect, which gives another engine's.

local check = require "moontide.core.check"
local engine = require "moontide.c.engine"
local functions = require "moontide.docker.functions"

local CONNECT = {
  host = "string", tls_verify = "boolean", cert_path = "string", timeout = "duration",
}

--- Sends nothing yet: the first call does.
---@param options {host: string?, tls_verify: boolean?, cert_path: string?, timeout: number|string|nil}?
---  host: "unix:///run/docker.sock", "tcp://10.0.0.5:2376"; default: $DOCKER_HOST, else the usual sockets.
---  tls_verify: true: TLS, verified; false: TLS, not verified; default: $DOCKER_TLS_VERIFY.
---  cert_path: directory of ca.pem, cert.pem and key.pem; default: $DOCKER_CERT_PATH.
---  timeout: for calls that have no longer one of their own, default 30 s.
---@return moontide.Docker?
---@return moontide.Error?
local function connect(options)
  local connection, err = engine.connect(check.options("docker.connect", options, CONNECT))
  if not connection then return nil, err end
  return functions.of(function() return connection end)
end

local default, chosen_host

-- Where $DOCKER_HOST leads is looked up at the first call.
local function default_engine()
  if not default then
    local err
    default, err = engine.connect {host = chosen_host}
    if not default then return nil, err end
  end
  return default
end

--- Which engine the default one is, before its first call; for the command line.
---@param host string
local function use(host) chosen_host = host end

local docker = functions.of(default_engine)
docker.connect, docker.use = connect, use
return docker
