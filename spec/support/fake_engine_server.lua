-- The process behind spec/support/fake_engine.lua: `lua5.4 fake_engine_server.lua PLAN`, where PLAN is
-- a Lua file that returns {socket = path or nil for TCP, log = path, refuse = n, rules = {...}}.
-- Prints "PID PORT" once it listens.

local uv = require "luv"

local plan = dofile(arg[1])
local log = assert(io.open(plan.log, "w"))
log:setvbuf("no")

local taken = {} -- rule -> how often it was taken
local held = {}  -- replies that wait for a request: {mark, send}
local seen = {}  -- "GET /v1.41/info" of every request so far
local connections = 0

-- What every engine answers.
local DEFAULTS = {
  {"^GET /_ping$", headers = {["Api-Version"] = "1.41"}, body = "OK"},
  {"", status = 404, body = '{"message":"page not found"}'},
}

local REASONS = {[200] = "OK", [201] = "Created", [204] = "No Content", [304] = "Not Modified", [400] = "Bad Request"}

local function fill(text)
  return (text:gsub("<(%d+) bytes>", function(count) return ("x"):rep(tonumber(count)) end))
end

local function reply_text(rule)
  if rule.raw then return fill(rule.raw) end
  local status, body = rule.status or 200, fill(rule.body or "")
  local lines = {("HTTP/1.1 %d %s"):format(status, REASONS[status] or "Status")}
  for name, value in pairs(rule.headers or {}) do lines[#lines + 1] = name .. ": " .. value end
  if not (rule.headers and rule.headers["Content-Length"]) and status ~= 204 and status ~= 304 then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

local function close(client)
  if not client:is_closing() then client:close() end
end

-- The same bytes again and again, as fast as they are taken.
local function send_loop(client, rule, left)
  if client:is_closing() then return end
  if left > 0 then return client:write(rule.loop[1], function() send_loop(client, rule, left - 1) end) end
  if rule.close then client:shutdown(function() close(client) end) end
end

-- Pieces go out a millisecond apart, so that the reader sees most of them one by one.
local function send(client, rule)
  local text = reply_text(rule)
  local size = rule.pieces or math.max(1, #text)
  local timer, at = uv.new_timer(), 1
  local function step()
    if client:is_closing() or at > #text then
      timer:close()
      if rule.loop then return send_loop(client, rule, rule.loop[2]) end
      if rule.close then client:shutdown(function() close(client) end) end
      return
    end
    client:write(text:sub(at, at + size - 1))
    at = at + size
    timer:start(rule.pieces and 1 or 0, 0, step)
  end
  step()
end

local function release()
  for i = #held, 1, -1 do
    for _, what in ipairs(seen) do
      if what:find(held[i].mark) then
        table.remove(held, i).send()
        break
      end
    end
  end
end

local function rule_for(what)
  for _, list in ipairs {plan.rules, DEFAULTS} do
    for _, rule in ipairs(list) do
      if what:find(rule[1]) and (taken[rule] or 0) < (rule.times or math.huge) then
        taken[rule] = (taken[rule] or 0) + 1
        return rule
      end
    end
  end
end

local function answer(client, what)
  local rule = rule_for(what)
  seen[#seen + 1] = what
  release()
  if rule.silent then return end
  if rule.drop then return close(client) end
  if not rule.after then return send(client, rule) end
  held[#held + 1] = {mark = rule.after, send = function() send(client, rule) end}
  release()
end

-- Takes one request from the front of the text: returns it and the rest, or nil.
local function parse(text)
  local head, rest = text:match("^(.-)\r\n\r\n(.*)$")
  if not head then return nil end
  local method, target = head:match("^(%S+) (%S+)")
  local headers = {}
  for name, value in head:gmatch("\r\n([^:]+): *([^\r]*)") do headers[name:lower()] = value end
  local length = tonumber(headers["content-length"] or 0)
  if #rest < length then return nil end
  return {method = method, target = target, headers = headers, body = rest:sub(1, length)}, rest:sub(length + 1)
end

local function record(request, connection)
  local headers = {}
  for name, value in pairs(request.headers) do headers[#headers + 1] = ("[%q]=%q"):format(name, value) end
  local line = ("{method=%q, target=%q, body=%q, connection=%d, headers={%s}}"):format(
    request.method, request.target, request.body, connection, table.concat(headers, ","))
  log:write(line:gsub("\\\n", "\\n"), "\n")
end

local function serve(client, connection)
  local text = ""
  client:read_start(function(err, data)
    if err or not data then return close(client) end
    text = text .. data
    while true do
      local request, rest = parse(text)
      if not request or client:is_closing() then break end
      text = rest
      record(request, connection)
      answer(client, request.method .. " " .. request.target)
    end
  end)
end

local server = plan.socket and uv.new_pipe(false) or uv.new_tcp()
if plan.socket then assert(server:bind(plan.socket)) else assert(server:bind("127.0.0.1", 0)) end
assert(server:listen(64, function(err)
  assert(not err, err)
  local client = plan.socket and uv.new_pipe(false) or uv.new_tcp()
  server:accept(client)
  connections = connections + 1
  if connections <= (plan.refuse or 0) then return close(client) end
  serve(client, connections)
end))
print(uv.os_getpid(), plan.socket and 0 or server:getsockname().port)
io.stdout:flush()
uv.run()
