--- mt.docker: the default engine's functions, and connect, which gives another engine's.

local check = require "moontide.core.check"
local engine = require "moontide.c.engine"
local functions = require "moontide.docker.functions"

-- Empty would be as good as not given: a variable that was never set, most likely.
local function name(value)
  return type(value) == "string" and value ~= "", "must be a string that is not empty"
end

local CONNECT = {
  host = name, context = name, tls_verify = "boolean", cert_path = "string", timeout = "duration",
}

---@class moontide.ConnectOptions
---@field host string?
---@field context string?
---@field tls_verify boolean?
---@field cert_path string?
---@field timeout number|string|nil

--- Sends nothing yet: the first call does.
---@param options moontide.ConnectOptions?
---  host: "unix:///run/docker.sock", "tcp://10.0.0.5:2376", "ssh://me@build-1"; context: of the docker command,
---  "default" for none. One of them; default: $DOCKER_HOST, $DOCKER_CONTEXT, the current context of the docker
---  command, the usual sockets.
---  tls_verify: true: TLS, verified; false: TLS, not verified; default: as the context or $DOCKER_TLS_VERIFY says.
---  cert_path: directory of ca.pem, cert.pem and key.pem; default: the context's, else $DOCKER_CERT_PATH.
---  timeout: for calls that have no longer one of their own, default 30 s.
---@return moontide.Docker?
---@return moontide.Error? err of kind "invalid": a context or file that is wrong; its message says which there are
local function connect(options)
  local given = check.options("docker.connect", options, CONNECT)
  if given.host and given.context then
    check.refuse("docker.connect", "context", "stands instead of host: leave one of them out")
  end
  local connection, err = engine.connect(given)
  if not connection then return nil, err end
  return functions.of(function() return connection end)
end

local default, chosen_host

-- Where $DOCKER_HOST and the contexts lead is looked up at the first call.
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
