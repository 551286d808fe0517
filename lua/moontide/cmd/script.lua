--- Loading and running what users write.

local chunks = require "moontide.cmd.repl.chunk"
local errors = require "moontide.core.errors"
local process = require "moontide.c.process"
local task = require "moontide.c.task"

local SCRIPT_ERROR = 4
local MAX_SCRIPT = 16 * 1024 * 1024
local PIECE = 64 * 1024

local function fail(format, ...)
  io.stderr:write("moontide: ", errors.escape(format:format(...)), "\n")
  return SCRIPT_ERROR
end

-- Without the shebang line; its line break stays, so that line numbers are right.
local function without_shebang(text)
  return (text:gsub("^\239\187\191", ""):gsub("^#[^\n]*", ""))
end

-- In pieces: to read n bytes takes memory for n at once, and the script's is limited.
local function read_all(file)
  local pieces, length = {}, 0
  repeat
    local piece, why = file:read(PIECE)
    if why then return nil, why end
    pieces[#pieces + 1] = piece
    length = length + #(piece or "")
  until not piece or length > MAX_SCRIPT
  return table.concat(pieces)
end

local function read(path)
  if path == "-" then
    local text = process.read_script()
    return text, not text and "standard input: longer than 16 MiB" or nil
  end
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text, read_error = read_all(file)
  file:close()
  if not text then return nil, ("%s: %s"):format(path, read_error) end
  if #text > MAX_SCRIPT then return nil, path .. ": longer than 16 MiB" end
  return text
end

local function compile(text, chunk)
  text = without_shebang(text)
  if text:sub(1, 1) == "\27" then return nil, chunk:sub(2) .. ": binary chunks are not allowed" end
  return load(text, chunk, "t")
end

local function add_directory(path)
  local directory = path:match("^(.*)/[^/]*$") or "."
  if directory:sub(1, 1) ~= "/" then
    local here = os.getenv("PWD") or "."
    directory = directory == "." and here or here .. "/" .. directory
  end
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(directory, directory, package.path)
end

-- The script's globals: `mt`, and `arg` as in lua.
local function set_globals(name, arguments)
  _G.mt = require "moontide"
  _G.arg = {[0] = name, table.unpack(arguments)}
end

-- In a task of its own, so that tracebacks end where the script does. Returns its results, or nil
-- and the exit code.
local function call(chunk, arguments)
  local script = task.spawn(chunk, table.unpack(arguments))
  local results = table.pack(script:join())
  if not results[1] then
    io.stdout:flush()
    io.stderr:write("moontide: ", script:trace() or tostring(results[2]), "\n")
    return nil, SCRIPT_ERROR
  end
  process.returned()
  return table.pack(table.unpack(results, 2, results.n))
end

--- A file as a function, which is a task's whole work. What it requires is also looked for beside it.
---@param path string "-": standard input
---@return function? chunk
---@return string? why
local function load_file(path)
  local text, why = read(path)
  if not text then return nil, "cannot read the script: " .. why end
  local chunk
  chunk, why = compile(text, path == "-" and "=stdin" or "@" .. path)
  if not chunk then return nil, why end
  add_directory(path)
  return chunk
end

--- Runs a file as the calling task.
---@param path string "-": standard input
---@param arguments string[]
---@return integer code
local function run_file(path, arguments)
  local chunk, why = load_file(path)
  if not chunk then return fail("%s", why) end
  set_globals(path, arguments)
  local results, code = call(chunk, arguments)
  return results and 0 or code
end

local function show(value, as_json)
  if as_json then return require("moontide.c.json").encode(value, {indent = 2}) end
  if errors.is(value) or type(value) ~= "table" then return tostring(value) end
  local ok, text = pcall(require("moontide.c.json").encode, value, {indent = 2})
  return ok and text or tostring(value)
end

local function print_results(results, as_json)
  local shown = {}
  for i = 1, results.n do shown[i] = show(results[i], as_json) end
  if results.n > 0 then print(table.concat(shown, "\t")) end
end

-- Of the two readings the one that got further is what was meant: "1+" ends too early as an expression, and
-- begins no statement. An error names what it is near to; what is near to the text's own first word got nowhere.
local function why_neither(text, as_statements)
  local near = as_statements:match(" near '(.*)'$")
  if not near or text:match("^%s*(.*)"):sub(1, #near) ~= near then return as_statements end
  local _, as_expression = compile("return " .. text, "=eval")
  return as_expression or as_statements
end

--- Runs text as the calling task; an expression's values are printed.
---@param text string
---@param arguments string[]
---@param as_json boolean?
---@return integer? code 0
---@return moontide.Error? err when the expression's values are nil, err
local function run_text(text, arguments, as_json)
  local chunk = chunks.expression(text, "=eval")
  local why
  if not chunk then
    chunk, why = compile(text, "=eval")
    if not chunk then return fail("%s", why_neither(text, why)) end
  end
  set_globals("eval", arguments)
  local results, code = call(chunk, arguments)
  if not results then return code end
  if results[1] == nil and errors.is(results[2]) then return nil, results[2] end
  print_results(results, as_json)
  return 0
end

return {load_file = load_file, run_file = run_file, run_text = run_text, set_globals = set_globals}
