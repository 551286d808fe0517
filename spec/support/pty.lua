--- Programs on a pseudo-terminal: types, and reads the screen. Nothing here sleeps: it waits for text.

local host = require "spec.support.host"
local screens = require "spec.support.screen"

local pty = {}

local function library()
  if not pty.library then
    local path = os.tmpname()
    local compiled = host.shell(("cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -shared -fPIC "
      .. "-I/usr/include/lua5.4 -o %s spec/support/pty.c -lutil"):format(path))
    assert(compiled.code == 0, compiled.err)
    pty.library = assert(package.loadlib(path, "luaopen_pty"))()
    os.remove(path)
  end
  return pty.library
end

---@class Terminal
local Terminal = {}
Terminal.__index = Terminal

local WAIT = 10 -- seconds until something is said to be missing

--- A program on a terminal of its own.
---@param arguments string[] of the program under test; with options.program: of that
---@param options {env: table<string, string|false>?, columns: integer?, rows: integer?, program: string?}?
function pty.start(arguments, options)
  options = options or {}
  local argv, set, env = {options.program or host.binary, table.unpack(arguments)}, {TERM = "xterm"}, {}
  for line in host.shell("env -0 | tr '\\n\\0' ' \\n'").out:gmatch("[^\n]+") do
    local name, value = line:match("^([^=]+)=(.*)$")
    if name and name ~= "TERM" then set[name] = value end
  end
  for name, value in pairs(options.env or {}) do set[name] = value or nil end
  for name, value in pairs(set) do env[#env + 1] = name .. "=" .. value end
  local columns, rows = options.columns or 80, options.rows or 24
  local self = setmetatable({screen = screens.new(columns, rows), raw = ""}, Terminal)
  self.fd, self.pid = library().open(argv, env, columns, rows)
  return self
end

--- Reads what has come. False: the other side is closed.
function Terminal:read(seconds)
  if not self.fd then
    library().sleep(seconds)
    return true
  end
  local bytes = library().read(self.fd, seconds)
  if bytes == "" then return false end
  if bytes then
    self.raw = self.raw .. bytes
    self.screen:feed(bytes)
  end
  return true
end

--- Sends keys; reads meanwhile, so that nobody waits for the other for ever.
function Terminal:type(text)
  while text ~= "" do
    local sent = library().write(self.fd, text)
    text = text:sub(sent + 1)
    self:read(0)
  end
  return self
end

--- Until `is_there()` holds.
function Terminal:wait_until(what, is_there)
  local over = library().now() + WAIT
  while not is_there(self) do
    local open = self:read(0.05)
    if not open and not is_there(self) or library().now() > over then
      error(("%s never came; the screen is:\n%s\n---\n%q"):format(what, self.screen:text(), self.raw:sub(-2000)), 2)
    end
  end
  return self
end

--- Until the screen's text ends with this.
function Terminal:ends(text)
  return self:wait_until(("%q at the end"):format(text), function()
    return self.screen:text():sub(-#text) == text
  end)
end

--- Until the screen has this in it.
function Terminal:shows(text)
  return self:wait_until(("%q"):format(text), function() return self.screen:text():find(text, 1, true) ~= nil end)
end

--- Until the prompt is there with that text behind it.
function Terminal:prompt(text)
  return self:ends("\n>" .. (text and " " .. text or ""))
end

--- A line, and the prompt after it.
function Terminal:enter(line)
  local _, before = self.raw:gsub("\n", "")
  self:type(line .. "\r")
  self:wait_until("an answer to " .. line, function()
    local _, now = self.raw:gsub("\n", "")
    return now > before and self.screen:text():find("\n>$") ~= nil
  end)
  return self
end

function Terminal:text() return self.screen:text() end

--- As xterm does: what is on the screen stays where it is.
function Terminal:resize(columns, rows)
  self.screen:resize(columns, rows)
  library().resize(self.fd, columns, rows)
end

--- Whether the terminal edits lines, and echoes: as it was before the program.
function Terminal:is_restored()
  local edits, echoes = library().modes(self.fd)
  return edits == true and echoes == true
end

--- Nobody is at the terminal any more.
function Terminal:hang_up()
  library().close(self.fd)
  self.fd = nil
end

function Terminal:kill(signal) library().kill(self.pid, signal) end

--- Waits for the program's end. The terminal can still be looked at.
---@return integer code
function Terminal:ended()
  local code
  local function is_over()
    code = code or library().wait(self.pid)
    return code ~= nil
  end
  local over = library().now() + WAIT
  while not is_over() do
    if not self:read(0.02) and library().now() > over then break end
    if library().now() > over then break end
  end
  if not code then error("the program does not end; the screen is:\n" .. self:text(), 2) end
  while self.fd and self:read(0) and library().read(self.fd, 0) do end
  self.pid = nil
  return code
end

--- Whatever still runs is killed.
function Terminal:close()
  if self.pid then
    library().kill(self.pid, 9)
    while not library().wait(self.pid) do self:read(0.01) end
    self.pid = nil
  end
  if self.fd then library().close(self.fd) end
  self.fd = nil
end

function pty.now() return library().now() end

return pty
