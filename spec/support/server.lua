--- Scripts that serve, and clients that say exactly what a test wants said.
---
---   local server = served.start [[return {routes = {["GET /"] = function() return "hi" end}}]]
---   server:raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")   -- all that comes until the end
---   server:stop()
---
--- A test's own is a `<close>` variable.

local host = require "spec.support.host"
local uv = require "luv"

local served = {}
served.__index = served

-- A server may end a connection before all is sent: that is no end of the tests.
local sigpipe = uv.new_signal()
sigpipe:start("sigpipe", function() end)
sigpipe:unref()

local SCRIPT = [[
local options = (function() %s end)()
options.addr = options.addr or "127.0.0.1:0"
server = assert(mt.http.serve(options))
io.write(server.addr, "\n")
io.flush()
]]

-- Runs the words of a shell; the first line of what they print ends with an address.
local function launch(words, path)
  local err = os.tmpname()
  local pipe = assert(io.popen(("echo $$; exec %s </dev/null 2>'%s'"):format(words, err)))
  local self = setmetatable({pipe = pipe, path = path, errors = err}, served)
  self.pid = assert(pipe:read("n"))
  pipe:read("l") -- the rest of that line
  self.addr = (pipe:read("l") or ""):match("%S+:%d+$")
  if not self.addr then error("it does not listen: " .. self:stderr()) end
  self.addr = self.addr:gsub("^http://", "")
  self.port = assert(tonumber(self.addr:match(":(%d+)$")))
  return self
end

--- Runs a script whose code returns the options of mt.http.serve. It is `server` in the script.
---@param code string
---@param options {after: string?, before: string?}? after: Lua that runs when it listens; before: options of
---  the command line
---@return table server addr, port, pid
function served.start(code, options)
  options = options or {}
  local path = host.file(SCRIPT:format(code) .. (options.after or ""), ".lua")
  return launch(("'%s' %s run '%s'"):format(host.binary, options.before or "", path), path)
end

--- Runs a script that prints where it serves.
---@param path string
---@param arguments string? of the script, for a shell
---@param environment string? "A=b C=d"
---@return table server
function served.file(path, arguments, environment)
  return launch(("env %s '%s' run '%s' %s"):format(environment or "", host.binary, path, arguments or ""))
end

--- What it has written to its standard error so far.
function served:stderr()
  local file = assert(io.open(self.errors, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

function served:signal(name) os.execute(("kill -%s %d"):format(name, self.pid)) end

--- Ends it by SIGTERM, and waits.
---@return integer code
---@return string out what it wrote after its address
---@return string err
---@return number seconds that it took
function served:stop(signal)
  local begin = uv.hrtime()
  self:signal(signal or "TERM")
  return self:wait(begin)
end

--- Waits for its end; as stop.
function served:wait(begin)
  begin = begin or uv.hrtime()
  self.over = true
  local out = self.pipe:read("a")
  local _, _, code = self.pipe:close()
  local err = self:stderr()
  if self.path then os.remove(self.path) end
  os.remove(self.errors)
  return code, out, err, (uv.hrtime() - begin) / 1e9
end

--- `local server <close> = ...`: a test that fails leaves none behind.
function served:__close()
  if not self.over then self:stop("KILL") end
end

local client = {}
client.__index = client

--- A connection.
---@return table client send(text), receive(pattern or nil: to the end), finish(), close()
function served:connect()
  local tcp = uv.new_tcp()
  local self_ = setmetatable({tcp = tcp, got = "", ended = false}, client)
  local connected
  assert(tcp:connect("127.0.0.1", self.port, function(err) connected = err or true end))
  while connected == nil do uv.run("once") end
  assert(connected == true, connected)
  tcp:read_start(function(err, data)
    if data then self_.got = self_.got .. data else self_.ended, self_.why = true, err end
  end)
  return self_
end

--- Sends; what cannot be sent any more is lost.
function client:send(text)
  self.tcp:write(text)
  uv.run("nowait")
  return self
end

--- Sends the end of the stream, and still reads.
function client:finish()
  self.tcp:shutdown()
  uv.run("nowait")
  return self
end

--- Waits until what has come fits the pattern, or for the end of the connection.
---@param pattern string? nil: only for the end
---@param seconds number? default 30
---@return string got all that has come and was not taken before
---@return boolean ended
function client:receive(pattern, seconds)
  local timer, late = uv.new_timer(), false
  timer:start(math.floor((seconds or 30) * 1000), 0, function() late = true end)
  while not late and not self.ended and not (pattern and self.got:find(pattern)) do uv.run("once") end
  timer:close()
  uv.run("nowait")
  local got = self.got
  if pattern and not self.ended then
    local _, last = got:find(pattern)
    self.got = got:sub((last or 0) + 1)
    got = got:sub(1, last)
  end
  return got, self.ended
end

function client:close()
  if not self.tcp:is_closing() then self.tcp:close() end
  uv.run("nowait")
end

--- Sends text on a connection of its own; all that comes until it ends.
---@param text string
---@param seconds number? default 30
---@return string got "" when nothing came
---@return boolean ended
function served:raw(text, seconds)
  local c = self:connect()
  c:send(text)
  local got, ended = c:receive(nil, seconds)
  c:close()
  return got, ended
end

--- One request on a connection of its own, which it closes.
---@param method string
---@param target string
---@param headers string? lines, each with its line break
---@param body string?
---@return integer? status
---@return string body
---@return string head
function served:ask(method, target, headers, body)
  local length = body and ("Content-Length: %d\r\n"):format(#body) or ""
  local got = self:raw(("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s%s\r\n%s"):format(method, target,
    length, headers or "", body or ""))
  local head, rest = got:match("^(.-\r\n)\r\n(.*)$")
  return tonumber(got:match("^HTTP/1%.1 (%d+)")), rest or "", head or ""
end

return served
