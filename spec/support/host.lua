--- Runs the program under test, as a user would, and tells what it did.

local host = {}

host.binary = assert(os.getenv("MOONTIDE"), "set MOONTIDE to the program under test: make test does")

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  os.remove(path)
  return text
end

--- A file with that text, deleted by the caller (os.remove) or with $TMPDIR.
function host.file(text, suffix)
  local path = os.tmpname()
  if suffix then
    os.remove(path)
    path = path .. suffix
  end
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- Runs a command of the shell.
---@param command string
---@param options {stdin: string?, env: table<string, string|false>?, timeout: number?}? env: false
---  removes the variable; timeout: seconds, default 60, then the command is killed: code 137
---@return {code: integer, out: string, err: string}
function host.shell(command, options)
  options = options or {}
  local out, err, input = os.tmpname(), os.tmpname(), nil
  local words = {"env"}
  for name, value in pairs(options.env or {}) do -- env takes -u only in front of assignments
    table.insert(words, value and #words + 1 or 2, value and quote(name .. "=" .. value) or "-u " .. name)
  end
  words[#words + 1] = ("timeout -s KILL %g sh -c %s"):format(options.timeout or 60, quote(command))
  if options.stdin then input = host.file(options.stdin) end
  words[#words + 1] = ("<%s >%s 2>%s"):format(quote(input or "/dev/null"), quote(out), quote(err))
  local _, kind, code = os.execute(table.concat(words, " "))
  if input then os.remove(input) end
  return {code = kind == "signal" and 128 + code or code, out = contents(out), err = contents(err)}
end

--- Runs the program with arguments, a list.
function host.run(arguments, options)
  local words = {quote(host.binary)}
  for _, argument in ipairs(arguments) do words[#words + 1] = quote(argument) end
  return host.shell(table.concat(words, " "), options)
end

--- Runs a piece of Lua as a script file.
function host.script(code, options)
  local path = host.file(code, ".lua")
  local arguments = {table.unpack(options and options.before or {})}
  arguments[#arguments + 1], arguments[#arguments + 2] = "run", path
  for _, argument in ipairs(options and options.arguments or {}) do arguments[#arguments + 1] = argument end
  local result = host.run(arguments, options)
  os.remove(path)
  return result
end

--- Runs a piece of Lua with `moontide eval`.
function host.eval(code, options) return host.run({"eval", code}, options) end

return host
