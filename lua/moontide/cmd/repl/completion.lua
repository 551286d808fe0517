--- What Tab does: inserts what is certain, lists what is possible. Names of containers come from the engine by a
--- task: when they are there, Tab is as if pressed again.

local commands = require "moontide.cmd.repl.commands"
local complete = require "moontide.cmd.repl.complete"
local docs = require "moontide.cmd.repl.docs"
local errors = require "moontide.core.errors"
local process = require "moontide.c.process"
local repl = require "moontide.c.repl"
local task = require "moontide.c.task"

local FRESH = 5 -- seconds that a list of containers is good for
local MAX_LISTED = 200
local INDENT = "  "

---@class moontide.Completion
local Completion = {}
Completion.__index = Completion

local function fetch(self)
  local list = require("moontide.docker").list {all = true}
  local names = {}
  for i, summary in ipairs(list or {}) do
    names[i] = summary.name
    self.ids[summary.name] = summary.container_id:sub(1, 12)
  end
  for _, name in ipairs(names) do self.id_list[#self.id_list + 1] = self.ids[name] end
  self.names, self.at = names, task.monotonic()
end

-- Names, and ids once something of one is typed. Those that are known: asks for them when they are too old.
function Completion:containers(typed)
  if not self.at or task.monotonic() - self.at > FRESH then
    if not self.fetching or self.fetching:status() ~= "waiting" and self.fetching:status() ~= "ready" then
      self.ids, self.id_list = {}, {}
      self.fetching = task.spawn(function()
        fetch(self)
        repl.tab_again()
      end)
    end
    return {}
  end
  if typed == "" then return self.names end
  return table.move(self.id_list, 1, #self.id_list, #self.names + 1, {table.unpack(self.names)})
end

function Completion:world(text)
  return {
    globals = _G, commands = commands.names, names = text:find("^%s*:") and docs.names() or {}, files = repl.files,
    containers = function() return self:containers(text:match("[%w_.%-]*$")) end,
  }
end

-- In columns, as many as fit.
local function columns(words)
  local width, longest, lines = process.columns() or 80, 0, {}
  for _, word in ipairs(words) do longest = math.max(longest, #word + 2) end
  local per_line = math.max(1, width // longest)
  for i, word in ipairs(words) do
    local n = (i - 1) // per_line + 1
    lines[n] = (lines[n] or "") .. errors.escape(word) .. (" "):rep(longest - #word)
  end
  return (table.concat(lines, "\n"):gsub(" +%f[\n\0]", "") .. "\n")
end

local function work(self, text)
  local words, typed = complete.complete(text, self:world(text))
  if #words == 0 then return nil end
  local rest = complete.common(words):sub(#typed + 1)
  if rest ~= "" or #words == 1 then return rest end
  local left = #words - MAX_LISTED
  return nil, columns(table.move(words, 1, math.min(#words, MAX_LISTED), 1, {}))
    .. (left > 0 and ("... %d more\n"):format(left) or "")
end

--- Tab was pressed behind that text.
---@param text string
function Completion:tab(text)
  if not text:find("%S") then return repl.insert(INDENT) end
  local answer = self.attempt(work, self, text)
  if not answer then return end
  if answer[1] and answer[1] ~= "" then repl.insert(answer[1]) end
  if answer[2] then self.say(answer[2]) end
end

--- For one session.
---@param attempt fun(fn: function, ...): table? calls it as a task; its results, nil when it failed
---@param say fun(text: string) prints above the line
---@return moontide.Completion
local function new(attempt, say)
  return setmetatable({attempt = attempt, say = say}, Completion)
end

return {new = new}
