--- The default `notify` of a manager: tells a load balancer, or whoever it is, of one container, by one POST. The URL
--- is given in an image's env: it may have come from anybody, and it is believed as little as possible.

local check = require "moontide.core.check"
local cjson = require("cjson").new()
local errors = require "moontide.core.errors"
local http = require "moontide.http"
local process = require "moontide.c.process"

local OP = "manager.notify_discovery"
local TIMEOUT = 2 -- s in all
local SHOWN = 200 -- bytes of where a redirect leads to

--- Where an image's containers are announced.
---@param wish moontide.Desired? the desired record of the image
---@return string? url DISCOVERY_CALLBACK of its env; nil: nowhere
local function callback_url(wish)
  local url = wish and wish.env and wish.env.DISCOVERY_CALLBACK
  return url ~= "" and url or nil
end

--- The host where a container's published ports are reached: that of a remote engine's address (tcp, ssh). What is
--- reached by a unix socket, or is not known, runs here: the name of this machine.
---@param engine string? its address, as mt.docker.host() says it: "tcp://10.0.0.5:2376"
---@return string host "10.0.0.5"; an IPv6 address without brackets
local function host_of(engine)
  local authority = (engine or ""):match("^tcp://([^/]*)") or (engine or ""):match("^ssh://([^/]*)") or ""
  local address = authority:match("[^@]*$")
  local host = address:match("^%[(.-)%]") or address:match("^[^:]+")
  return host or process.hostname()
end

--- What is sent; a pure function but for the name of this machine.
---@param notice moontide.Notice
---@return table payload {image, container_id, name, host, ports, status, event}; `ports` as the engine gives it
local function payload(notice)
  local container = notice.container
  return {
    image = notice.image, container_id = container.container_id, name = container.name, host = host_of(notice.engine),
    ports = container.ports or {}, status = notice.status, event = notice.event,
  }
end

-- What may be shown of a URL: neither a password nor a query.
local function shown(url)
  local text = url:gsub("[?#].*", ""):gsub("^([^/]*//)[^/]*@", "%1...@")
  return #text > SHOWN and text:sub(1, SHOWN) .. "..." or text
end

local function is_port(text)
  local number = tonumber(text:match("^:(%d%d?%d?%d?%d?)$"))
  return text == "" or number ~= nil and number > 0 and number < 65536
end

-- What is wrong with a URL before anybody is asked; nil: nothing.
local function fault(url)
  if url:find("[%c \\]") then
    return "it has a blank, a backslash or a control character in it: write it as %20 and the like"
  end
  local scheme, authority = url:match("^(%a[%w+.-]*)://([^/?#]*)")
  scheme = (scheme or ""):lower()
  if scheme ~= "http" and scheme ~= "https" then return 'only http and https are allowed: "http://HOST:PORT/PATH"' end
  if authority:find("@", 1, true) then
    return "a name and a password in it are refused: they would be seen in every log; use a token in the query"
  end
  local host, port = authority:match("^(%[[^%[%]]+%])(.*)$")
  if not host then host, port = authority:match("^([^:%[%]]+)(.*)$") end
  if not host then return "it has no host" end
  if not is_port(port) then return "its port must be a number from 1 to 65535" end
end

-- By what came back.
local function judge(url, reply)
  local class, location = reply.status // 100, reply.headers.location
  if class == 2 then return true end
  local place = shown(url)
  if class == 3 then
    return errors.fail(OP, "denied", "%s redirects to %s (status %d), and redirects are not followed: set "
      .. "DISCOVERY_CALLBACK to where the receiver is", place, location and shown(location) or "nowhere", reply.status)
  end
  local _, err = errors.fail(OP, class == 4 and "invalid" or "transport",
    "%s answered with status %d, not with 2xx: see the receiver's log", place, reply.status)
  err.status = reply.status
  return nil, err
end

--- Sends one POST, of JSON, as `payload` has it, and waits for the head of the reply: 2 s in all. Only 2xx is success.
--- What is refused: other URLs than http and https, a password in one, link-local addresses (169.254.0.0/16,
--- fe80::/10) also behind a name, and redirects. No proxy is used. At most 64 KiB of the reply are read.
---@param notice moontide.Notice
---@return true? ok
---@return moontide.Error?
local function notify(notice)
  local url = notice.url
  if type(url) ~= "string" then return errors.fail(OP, "invalid", "the callback's URL must be text") end
  local why = fault(url)
  if why then return errors.fail(OP, "invalid", '"%s" is no URL for a callback: %s', shown(url), why) end
  local encoded, body = pcall(cjson.encode, payload(notice))
  if not encoded then check.fail(OP, "the container cannot be written as JSON: %s", tostring(body)) end
  local reply, err = http.post(url, {
    body = body, headers = {["Content-Type"] = "application/json"}, timeout = TIMEOUT,
    deny_link_local = true, ignore_body = true,
  })
  if not reply then return nil, errors.new(err.kind, OP, err.message, err) end
  return judge(url, reply)
end

return {callback_url = callback_url, host = host_of, payload = payload, notify = notify}
