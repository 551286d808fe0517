--- A scripted engine, a process of its own, for what a real one cannot be made to do.
---
---   local fake = engine.start {{"^GET /v1.41/info$", body = "{"}}
---   host.script(code, {env = {DOCKER_HOST = fake.host}})
---   local requests = fake:stop()   -- {{method, target, headers, body, connection}, ...}
---   after_each(engine.stop_all)
---
--- The first rule that fits a request, written "METHOD TARGET", and has been taken less than `times`
--- answers it:
---   status, headers, body    a reply with its Content-Length, unless headers has one; default 200, ""
---   raw                      these bytes instead; in both, "<9 bytes>" becomes so many bytes
---   pieces = n               sent n bytes at a time
---   loop = {text, n}         and then n times that text
---   close = true             the connection is closed after the reply
---   drop = true              it is closed without one
---   silent = true            it stays open without one
---   after = "pattern"        the reply waits until a request that fits has come
--- GET /_ping is answered as by Docker 20.10 and everything else with 404 where no rule does.

local fake = {}
fake.__index = fake

local server = debug.getinfo(1, "S").source:match("^@(.*)%.lua$") .. "_server.lua"

local running = {}

local function literal(value)
  if type(value) ~= "table" then return ("%q"):format(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = ("[%q]=%s"):format(key, literal(item)) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- Listens when it returns.
---@param rules table[]
---@param options {tcp: boolean?, refuse: integer?}? refuse: so many first connections are closed at once
local function start(rules, options)
  options = options or {}
  local base = os.tmpname()
  local self = setmetatable({base = base, socket = not options.tcp and base .. ".sock" or nil}, fake)
  write(base, "return " .. literal {
    socket = self.socket, log = base .. ".log", refuse = options.refuse, rules = rules,
  })
  self.process = assert(io.popen(("exec lua5.4 '%s' '%s'"):format(server, base)))
  local pid, port = self.process:read("n", "n")
  self.pid = assert(pid, "the fake engine does not start")
  self.host = self.socket and "unix://" .. self.socket or ("tcp://127.0.0.1:%d"):format(port)
  running[self] = true
  return self
end

--- Ends it; what it was asked.
---@return {method: string, target: string, headers: table<string, string>, body: string, connection: integer}[]
function fake:stop()
  if self.requests then return self.requests end
  running[self] = nil
  os.execute(("kill -KILL %d"):format(self.pid))
  self.process:close()
  self.requests = {}
  for line in io.lines(self.base .. ".log") do
    self.requests[#self.requests + 1] = assert(load("return " .. line))()
  end
  for _, suffix in ipairs {"", ".log", ".sock"} do os.remove(self.base .. suffix) end
  return self.requests
end

--- How many requests fit the pattern "METHOD TARGET".
function fake:count(pattern)
  local count = 0
  for _, request in ipairs(self:stop()) do
    if (request.method .. " " .. request.target):find(pattern) then count = count + 1 end
  end
  return count
end

--- For after_each: whatever runs is stopped. (Lua would wait for it for ever when it collects one.)
local function stop_all()
  for self in pairs(running) do self:stop() end
end

return {start = start, stop_all = stop_all}
