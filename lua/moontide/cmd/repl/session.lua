--- The REPL: reads, runs as a task, prints, and so on. Whatever the user's values do when they are compiled,
--- run or printed, they do in a task of their own: it may fail, and the session goes on.

local chunks = require "moontide.cmd.repl.chunk"
local commands = require "moontide.cmd.repl.commands"
local docs = require "moontide.cmd.repl.docs"
local errors = require "moontide.core.errors"
local histories = require "moontide.cmd.repl.history"
local process = require "moontide.c.process"
local repl = require "moontide.c.repl"
local script = require "moontide.cmd.script"
local show = require "moontide.cmd.repl.show"
local task = require "moontide.c.task"

local SCRIPT_ERROR = 4
local PROMPT, MORE = "> ", ">> "
local MAX_TEXT = 16 << 20
local BANNER = "moontide %s (%s). :help helps, Ctrl-D leaves.\n"

---@class moontide.Session
---@field kind "piped"|"plain"|"editor"
---@field failed boolean an entry has failed
---@field left boolean :quit was said
local Session = {}
Session.__index = Session

local function say(text)
  io.stdout:write(text)
  io.stdout:flush()
end

function Session:complain(text)
  io.stdout:flush()
  io.stderr:write(text, "\n")
  self.failed = true
end

-- Calls fn(...) as a task that Ctrl-C cancels. Returns its results, or nothing after a message.
function Session:attempt(fn, ...)
  local entry = task.spawn(fn, ...)
  repl.entry(entry)
  local results = table.pack(entry:join())
  local interrupted = repl.entry(nil)
  if interrupted then return self:complain "\ninterrupted" end
  if results[1] then return table.pack(table.unpack(results, 2, results.n)) end
  self:complain(entry:trace() or tostring(results[2]))
end

local function signature(fn) return docs.signature(fn, package.loaded.moontide) end

local function text_of(values)
  return show.values(values, {width = process.columns(), signature = signature})
end

--- Runs a chunk, and prints what it returns.
---@param chunk function
function Session:evaluate(chunk, ...)
  local values = self:attempt(chunk, ...)
  if not values or values.n == 0 then return end
  local value = values[1]
  if value == nil and errors.is(values[2]) then value = values[2] end
  _G._ = value
  local shown = self:attempt(text_of, values)
  if shown then say(shown[1] .. "\n") end
end

-- The text again and again, in the place of the last one where that is a terminal.
function Session:watch(chunk, every)
  local height
  repeat
    local shown = text_of(table.pack(chunk())) or ""
    local width, rows = process.columns()
    if width then
      local lines = {}
      for line in (shown .. "\n"):gmatch("(.-)\n") do
        if #lines < rows - 1 then lines[#lines + 1] = line:sub(1, (utf8.offset(line, width + 1) or 0) - 1) end
      end
      shown = table.concat(lines, "\n")
      if height and height > 0 then say(("\27[%dA\27[J"):format(height)) end
      height = #lines
    end
    say(shown .. "\n")
    task.sleep(every)
  until self.left
end

-- What :commands know of the session.
function Session:hooks()
  return {
    say = say, left = false,
    compile = function(text)
      local chunk, why, unfinished = chunks.compile(text)
      return chunk, why or unfinished
    end,
    load = script.load_file,
    watch = function(...) return self:watch(...) end,
  }
end

function Session:command(line)
  local hooks = self:hooks()
  local answer = self:attempt(commands.run, hooks, line)
  if not answer then return end
  local text, why, entry = answer[1], answer[2], answer[3]
  self.left = hooks.left
  if why then return self:complain(why) end
  if entry then return self:evaluate(entry) end
  if text ~= "" then say(text .. "\n") end
end

-- One more line behind the text; nil when there is none: Ctrl-C, Ctrl-D, or too much.
function Session:more(text, unfinished)
  local event, line = self:read(MORE)
  if event == "line" and #text + #line < MAX_TEXT then return text .. "\n" .. line end
  if event == "interrupt" then return nil end
  self:complain(event == "end" and unfinished or "what was typed is longer than 16 MiB, and left out")
end

--- Compiles and runs what begins with that line.
---@param text string
function Session:enter(text)
  if text:find("^%s*:") and not text:find("^%s*::") then return self:command(text) end
  while text do
    local answer = self:attempt(chunks.compile, text)
    if not answer then return end
    if answer[1] then return self:evaluate(answer[1]) end
    if answer[2] then return self:complain(answer[2]) end
    text = self:more(text, answer[3])
  end
end

-- The next line, after completions. Returns its event ("line", "long", "end", "interrupt") and text.
function Session:read(prompt)
  while true do
    local event, text, cursor = repl.read(prompt)
    if event == "tab" then
      self.completion:tab(text:sub(1, cursor))
    else
      if event == "line" and self.kind ~= "piped" then
        local why = self.history:add(text)
        if why then io.stderr:write("moontide: ", errors.escape(why), "\n") end
      end
      return event, text
    end
  end
end

function Session:loop()
  while not self.left do
    local event, text = self:read(PROMPT)
    if event == "end" then break end
    if event == "line" then self:enter(text) end
    if event == "long" then self:complain "the line is longer than 16 MiB, and left out" end
    if event == "interrupt" and self.kind == "plain" then say "\n" end
  end
end

local function open()
  local kind, note = repl.open()
  if not kind then error("the terminal cannot be used: " .. note, 0) end
  if note then io.stderr:write("moontide: ", note, "\n") end
  local self = setmetatable({kind = kind, failed = false, left = false}, Session)
  if kind ~= "piped" then
    say(BANNER:format(process.version, _VERSION))
    task.sleep(0) -- a budget may be short: each step has its own
    self.history = histories.open()
    task.sleep(0)
    self.completion = require "moontide.cmd.repl.completion".new(function(...) return self:attempt(...) end, say)
  end
  return self
end

--- Reads and runs until the input ends, then ends all tasks.
---@param start {first: function?, arguments: string[]?, failed: boolean?} first: runs before the first prompt, with
---  these arguments; failed: something has failed already
local function run(start)
  _G.mt = require "moontide"
  local _ <close> = setmetatable({}, {__close = repl.close})
  local self = open()
  self.failed = start.failed or false
  if start.first then self:evaluate(start.first, table.unpack(start.arguments)) end
  self:loop()
  if self.kind == "plain" then say "\n" end
  os.exit(self.failed and self.kind == "piped" and SCRIPT_ERROR or 0)
end

return {run = run}
