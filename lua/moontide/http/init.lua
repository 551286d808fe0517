--- mt.http: requests to anybody but the engine. TLS is always verified; only http and https; a
--- redirect is returned, not followed; the proxies of the environment are used (http_proxy, no_proxy).

local check = require "moontide.core.check"
local headers = require "moontide.core.headers"
local http = require "moontide.c.http"

local SCHEMA = {
  headers = "table", body = "string", timeout = "duration", max_body = "integer",
  ca_file = "string", cert_file = "string", key_file = "string", deny_link_local = "boolean", ignore_body = "boolean",
}

-- One queue for each server and set of TLS files, so that a server that hangs keeps no other one
-- waiting; kept while requests are in it. libcurl keeps the connections.
local pools = setmetatable({}, {__mode = "v"})

local function pool_for(server, options)
  local key = table.concat({server, options.ca_file or "", options.cert_file or "", options.key_file or ""}, "\0")
  local pool = pools[key] or http.pool(options)
  pools[key] = pool
  return pool
end

-- "example.org", "10.0.0.1:80", "[::1]:8080".
local function is_address(text)
  local host, port = text:match("^(%[[^%]]+%])(.*)$")
  if not host then host, port = text:match("^([^:%[%]]+)(.*)$") end
  if not host or port == "" or port == ":" then return host ~= nil end
  local number = tonumber(port:match("^:(%d%d?%d?%d?%d?)$"))
  return number ~= nil and number > 0 and number < 65536
end

-- The URL's scheme, host and port; raises for what is no URL of ours. Neither a password nor a query
-- is shown.
local function server_of(op, url)
  check.string(op, "url", url)
  if url:find("[%c ]") then
    check.fail(op, "the URL has a blank or a control character in it: write it as %%20 and the like")
  end
  local scheme, authority = url:match("^([hH][tT][tT][pP][sS]?)://([^/?#]*)")
  local address = authority and authority:match("[^@]*$")
  if not address or not is_address(address) then
    local shown = url:gsub("[?#].*", ""):gsub("^.*@", "...@")
    check.fail(op, 'the URL must begin with "http://" or "https://", a host and perhaps a port, got "%s"', shown)
  end
  return scheme .. "://" .. address
end

local function check_files(op, given)
  for _, name in ipairs {"ca_file", "cert_file", "key_file"} do
    if given[name] and not given[name]:find("^[^\0]+$") then check.refuse(op, name, "must be a path") end
  end
  if given.key_file and not given.cert_file then check.refuse(op, "key_file", 'needs option "cert_file" too') end
end

local function request(op, method, url, options)
  local server = server_of(op, url)
  local given = check.options(op, options, SCHEMA)
  check_files(op, given)
  if (given.max_body or 0) < 0 then check.refuse(op, "max_body", "must not be negative") end
  return pool_for(server, given):request {
    op = op, method = method, url = url, headers = headers.lines(op, given.headers),
    body = given.body, timeout = given.timeout, max_body = given.max_body,
    deny_link_local = given.deny_link_local, ignore_body = given.ignore_body,
  }
end

local function method(name)
  local op = "http." .. name:lower()
  return function(url, options) return request(op, name, url, options) end
end

---@class moontide.HttpOptions
---@field headers table<string, string|number>?
---@field body string?
---@field timeout number|string? for the whole request, default 30 s; 0: none
---@field max_body integer? bytes of the reply's body, default 16 MiB; a longer one is an error
---@field ca_file string? PEM, instead of the system's certificate authorities
---@field cert_file string? PEM, with key_file: to show a client certificate
---@field key_file string?
---@field deny_link_local boolean? for URLs that are not your own: refuses, with kind "denied", to connect to
---  169.254.0.0/16 and fe80::/10, however written and also when a name leads there; by no proxy
---@field ignore_body boolean? the reply's body is "": at most 64 KiB of it are read, and once the head of the reply is
---  there, nothing that happens to its body (too long, cut off, late) is an error

---@class moontide.HttpReply
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string

---@alias moontide.HttpCall fun(url: string, options: moontide.HttpOptions?): moontide.HttpReply?, moontide.Error?

---@class moontide.Http
---@field get moontide.HttpCall any status is a reply; nil, err when none came
---@field head moontide.HttpCall
---@field post moontide.HttpCall
---@field put moontide.HttpCall
---@field patch moontide.HttpCall
---@field delete moontide.HttpCall
---@field serve fun(options: moontide.ServeOptions): moontide.Server?, moontide.Error?
-- Listens, and serves until it is closed: see moontide.http.serve, which loads with the first server.
local function serve(options) return require "moontide.http.serve".start(options) end

return {
  serve = serve,
  get = method "GET", head = method "HEAD", post = method "POST", put = method "PUT",
  patch = method "PATCH", delete = method "DELETE",
}
