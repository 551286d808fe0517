--- mt.http: requests to anybody but the engine. TLS is always verified; only http and https; a
--- redirect is returned, not followed.

local check = require "moontide.core.check"
local headers = require "moontide.core.headers"
local http = require "moontide.c.http"

local SCHEMA = {
  headers = "table", body = "string", timeout = "duration", max_body = "integer",
  ca_file = "string", cert_file = "string", key_file = "string",
}

local pools = {}

-- One client for each set of TLS files: its connections are used again.
local function pool_for(options)
  local key = table.concat({options.ca_file or "", options.cert_file or "", options.key_file or ""}, "\0")
  pools[key] = pools[key] or http.pool(options)
  return pools[key]
end

local function request(op, method, url, options)
  local given = check.options(op, options, SCHEMA)
  check.string(op, "url", url)
  if not url:find("^[hH][tT][tT][pP][sS]?://[^/]") then
    check.fail(op, 'the URL must begin with "http://" or "https://" and a host, got "%s"', url)
  end
  if (given.max_body or 1) < 0 then check.fail(op, 'option "max_body" must not be negative') end
  return pool_for(given):request {
    op = op, method = method, url = url, headers = headers.lines(op, given.headers),
    body = given.body, timeout = given.timeout, max_body = given.max_body,
  }
end

local function method(name)
  local op = "http." .. name:lower()
  return function(url, options) return request(op, name, url, options) end
end

---@class moontide.HttpOptions
---@field headers table<string, string|number>?
---@field body string?
---@field timeout number|string? for the whole request, default 30 s
---@field max_body integer? bytes of the reply's body, default 16 MiB; a longer one is an error
---@field ca_file string? PEM, instead of the system's certificate authorities
---@field cert_file string? PEM, with key_file: to show a client certificate
---@field key_file string?

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
return {
  get = method "GET", head = method "HEAD", post = method "POST", put = method "PUT",
  patch = method "PATCH", delete = method "DELETE",
}
