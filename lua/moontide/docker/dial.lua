--- Whether a published port accepts connections.

local http = require "moontide.c.http"

local ANY = {[""] = "127.0.0.1", ["0.0.0.0"] = "127.0.0.1", ["::"] = "[::1]"}

--- Where a binding is reached from here: on a remote engine its loopback is not ours. Pure.
---@param engine_host string "unix:///run/docker.sock", "tcp://10.0.0.5:2376", "ssh://me@build-1"
---@param binding {HostIp: string?, HostPort: string}
---@return string authority "127.0.0.1:32768"
local function address(engine_host, binding)
  local ip = binding.HostIp or ""
  local authority = engine_host:match("^%a+://([^/]*)"):gsub("^.*@", "")
  local remote = authority:match("^%[[^%]]*%]") or authority:match("^[^:]+")
  local host = ANY[ip] or (ip:find(":", 1, true) and "[" .. ip .. "]") or ip
  if remote and (ANY[ip] or ip == "::1" or ip:find("^127%.")) then host = remote end
  return host .. ":" .. binding.HostPort
end

local pool

---@param op string
---@param engine_host string
---@param binding {HostIp: string?, HostPort: string}
---@param timeout number seconds
---@return true?
---@return moontide.Error?
local function dial(op, engine_host, binding, timeout)
  pool = pool or http.pool {}
  return pool:connect {op = op, url = "http://" .. address(engine_host, binding), timeout = timeout}
end

return {address = address, dial = dial}
