--- Servers to make requests to, processes of their own.
---
---   local server = http_server.start()      -- what it answers: http_server_process.lua
---   server.url                              -- "http://127.0.0.1:PORT"
---   server:stop()
---
---   local files = http_server.certificates()          -- made in a directory
---   local server = http_server.start_tls(files, "server")
---   files:remove()

local server = {}
server.__index = server

local process = debug.getinfo(1, "S").source:match("^@(.*)%.lua$") .. "_process.lua"

local function launch(command, pattern)
  local pipe = assert(io.popen(("echo $$; exec %s </dev/null 2>/dev/null"):format(command)))
  local self = setmetatable({pipe = pipe, pid = assert(pipe:read("n"))}, server)
  repeat
    local line = assert(pipe:read("l"), "the server does not start: " .. command)
    self.port = line:match(pattern)
  until self.port
  return self
end

--- Listens when it returns.
---@return {url: string, port: string}
function server.start()
  local self = launch(("lua5.4 '%s'"):format(process), "^(%d+)$")
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

--- A server that answers every request with a page, over TLS, one at a time.
---@param files table of server.certificates
---@param certificate "server"|"expired"|"elsewhere" which one it shows
---@param wants_certificate boolean? of its clients, from the same CA
---@return {url: string, port: string} url: by the name that the certificate is for
function server.start_tls(files, certificate, wants_certificate)
  local verify = wants_certificate and ("-Verify 1 -verify_return_error -CAfile '%s'"):format(files.ca) or ""
  local self = launch(("openssl s_server -accept 127.0.0.1:0 -www -cert '%s' -key '%s' %s"):format(
    files[certificate], files.key, verify), "^ACCEPT .*:(%d+)$")
  self.url = "https://localhost:" .. self.port
  return self
end

function server:stop()
  os.execute(("kill -KILL %d"):format(self.pid))
  self.pipe:close()
end

local files = {}
files.__index = files

--- Paths of what scripts/tls.sh makes: ca, other (another CA), server and expired and elsewhere (a
--- server's), cert and stranger (a client's), key (of all).
function server.certificates()
  local directory = os.tmpname()
  os.remove(directory)
  assert(os.execute(("scripts/tls.sh '%s'"):format(directory)), "no certificates")
  local self = setmetatable({directory = directory}, files)
  for _, name in ipairs {"ca", "other", "server", "expired", "elsewhere", "cert", "stranger", "key"} do
    self[name] = ("%s/%s.pem"):format(directory, name)
  end
  return self
end

function files:remove() os.execute(("rm -r '%s'"):format(self.directory)) end

return server
