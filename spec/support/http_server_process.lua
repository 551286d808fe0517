-- The process behind spec/support/http_server.lua. Prints its port once it listens on
-- 127.0.0.1.

local uv = require "luv"

local TLS_HANDSHAKE = 0x16 -- its first byte

local connections = 0
local asked = {}            -- N -> whether somebody asked for /silent/N
local silent, gone = {}, {} -- client of /silent/N -> N; N -> whether it closed
local waiting = {}          -- clients of /together: path -> list of clients
local watching = {}         -- client of /gone/N -> N
local sent = 0              -- to the last client of /endless
local posts = {}            -- the requests that were a POST, as they came
local ALL_BYTES = {}
for byte = 0, 255 do ALL_BYTES[#ALL_BYTES + 1] = string.char(byte) end
ALL_BYTES = table.concat(ALL_BYTES)

local function reply(client, body, head)
  client:write(("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s"):format(head or "", #body, body))
end

local function hang_up(client)
  client:shutdown(function()
    if not client:is_closing() then client:close() end
  end)
end

local function tell_gone()
  for client, number in pairs(watching) do
    if gone[number] then
      watching[client] = nil
      reply(client, "gone")
    end
  end
end

local routes = {}

-- The request as it came.
function routes.echo(client, request) reply(client, request) end

-- What the query says, percent-encoded, then the end of the connection.
function routes.raw(client, request)
  local query = request:match("^%S+ %S-%?(%S*)")
  client:write((query:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)))
  hang_up(client)
end

function routes.body(client, _, size)
  reply(client, ALL_BYTES:rep(size // 256) .. ALL_BYTES:sub(1, size % 256))
end

function routes.headers(client, _, size)
  reply(client, "", ("X-Fill: %s\r\n"):format(("x"):rep(1000)):rep(size // 1000))
end

-- What was posted since somebody asked, with NUL between.
function routes.posts(client)
  reply(client, table.concat(posts, "\0"))
  posts = {}
end

-- No reply; the connection is reset.
function routes.reset(client) client:close_reset() end

-- A gigabyte of a body, as fast as it is taken.
function routes.endless(client)
  local block, left = ("x"):rep(1 << 20), 1024
  sent = 0
  local function send(err)
    if err or left == 0 then return end
    left, sent = left - 1, sent + 1
    client:write(block, send)
  end
  client:write(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"):format(#block * left), send)
end

-- How many megabytes the last client of /endless got, or one more.
function routes.sent(client) reply(client, tostring(sent)) end

-- A head, and no body.
function routes.unfinished(client) client:write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") end

-- Never answers.
function routes.silent(client, _, number) silent[client], asked[number] = number, true end

-- Whether somebody has asked for /silent/N.
function routes.asked(client, _, number) reply(client, tostring(asked[number] or false)) end

-- Answers once the client of /silent/N has closed its connection.
function routes.gone(client, _, number)
  watching[client] = number
  tell_gone()
end

-- Answers once that many clients ask.
function routes.together(client, request, count)
  local path = request:match("^%S+ (%S+)")
  local list = waiting[path] or {}
  waiting[path] = list
  list[#list + 1] = client
  if #list < count then return end
  for _, one in ipairs(list) do reply(one, tostring(count)) end
  waiting[path] = nil
end

function routes.connections(client) reply(client, tostring(connections)) end

-- The first whole request of the text and the rest, or nil.
local function take(text)
  local _, head_end = text:find("\r\n\r\n", 1, true)
  if not head_end then return nil end
  local length = tonumber(text:sub(1, head_end):lower():match("\r\ncontent%-length: *(%d+)") or 0)
  if #text < head_end + length then return nil end
  return text:sub(1, head_end + length), text:sub(head_end + length + 1)
end

local function closed(client)
  if silent[client] then
    gone[silent[client]] = true
    tell_gone()
  end
  if not client:is_closing() then client:close() end
end

-- It does not speak TLS: says so to those who name it (the handshake shows the name, unless it is an
-- address), is silent to others.
local function on_tls(client, text)
  if not text:find("localhost", 1, true) then return end
  client:write("HTTP/1.1 400 Bad Request\r\n\r\n")
  hang_up(client)
end

local function serve(client)
  local text = ""
  client:read_start(function(err, data)
    if err or not data then return closed(client) end
    text = text .. data
    if text:byte() == TLS_HANDSHAKE then return on_tls(client, text) end
    while true do
      local request, rest = take(text)
      if not request then break end
      text = rest
      if request:find("^POST ") then posts[#posts + 1] = request end
      local target = request:match("^%S+ (%S+)"):gsub("^http://[^/]*", "") -- whole when we are a proxy
      local name, number = target:match("^/(%a+)/?(%d*)")
      routes[name](client, request, tonumber(number))
    end
  end)
end

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", 0))
assert(server:listen(128, function(err)
  assert(not err, err)
  local client = uv.new_tcp()
  server:accept(client)
  connections = connections + 1
  serve(client)
end))
print(server:getsockname().port)
io.stdout:flush()
uv.run()
