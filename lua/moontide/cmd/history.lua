--- moontide history [TARGET]: what was done, and why; from the state file, no engine is asked.

local amount = require "moontide.cmd.amount"
local errors = require "moontide.core.errors"
local show = require "moontide.core.show"
local target = require "moontide.cmd.target"
local task = require "moontide.c.task"
local terminal = require "moontide.cmd.terminal"
local usage = require "moontide.cmd.usage"

local LOOKED_BACK = 10000 -- rows that names are suggested from

local function declare(parser)
  parser:argument("target", "Only of this container or image."):args "?"
  parser:option("--since", "Nothing older: how long ago, as 10m, or 2026-11-23T08:00:00Z."):argname "TIME"
  parser:option("--limit", "Only the newest so many."):argname "N"
end

local KINDS = {error = "\27[31m", create = "\27[32m", start = "\27[32m"}

local COLUMNS = {
  {key = "time", keep = true, format = function(time) return os.date("%F %T", math.floor(time)) end},
  {key = "kind", keep = true, colour = function(kind) return KINDS[kind] end},
  {key = "target", keep = true},
  {key = "reason", min = 20, priority = 1},
}

-- For people: what was only about to be done says nothing more once it is known how it went.
local function without_settled(rows)
  local last, list = {}, {}
  for i, row in ipairs(rows) do
    if not row.intent then last[row.target] = i end
  end
  for i, row in ipairs(rows) do
    local open = row.intent and (last[row.target] or 0) < i
    if open then row.reason = (row.reason or "") .. " (how it went is not known)" end
    if open or not row.intent then list[#list + 1] = row end
  end
  return list
end

-- No more than the newest so many.
local function newest(list, limit)
  if not limit or #list <= limit then return list end
  return table.move(list, #list - limit + 1, #list, 1, {})
end

-- Whether anything was ever told of it, and if not what there is.
local function unknown(record, word)
  local rows, err = record.history {limit = LOOKED_BACK}
  if not rows then return nil, err end
  local names, seen = {}, {}
  for _, row in ipairs(rows) do
    for _, name in ipairs {row.name or row.target, row.image} do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  return errors.fail("history", "not_found", 'nothing is known of "%s"%s', show.short(word), target.hint(word, names))
end

local function run(options)
  local since, limit, why
  if options.since then
    since, why = amount.since("--since", options.since, task.now())
    if not since then return usage("history", why) end
  end
  if options.limit then
    limit, why = amount.positive("--limit", options.limit)
    if not limit then return usage("history", why) end
  end
  local record = require "moontide.record"
  local asked = limit and not options.json and limit * 2 or limit -- half of them may be left out
  local rows, err = record.history {target = options.target, since = since, limit = asked}
  if not rows then return nil, err end
  if options.target and #rows == 0 and not since then return unknown(record, options.target) end
  if options.json then
    local json = require "moontide.c.json"
    io.write(json.encode(json.array(rows)), "\n")
  else
    io.write(terminal.table(newest(without_settled(rows), limit), COLUMNS))
  end
  return 0
end

return {name = "history", description = "Prints what was done, and why.", declare = declare, run = run}
