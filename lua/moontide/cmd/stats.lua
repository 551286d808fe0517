--- moontide stats [NAME...]: what containers use, once, or again and again with --watch.

local amount = require "moontide.cmd.amount"
local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local log = require "moontide.core.log"
local lookup = require "moontide.cmd.lookup"
local picture = require "moontide.cmd.picture"
local show = require "moontide.core.show"
local task = require "moontide.c.task"
local tasks = require "moontide.core.tasks"
local terminal = require "moontide.cmd.terminal"
local units = require "moontide.core.units"
local usage = require "moontide.cmd.usage"

local LIMIT = 32 -- containers at once

local function declare(parser)
  parser:argument("container", "Names or ids; default: all that moontide manages."):args "*"
  parser:option("--watch", "Again and again, as --watch or --watch=5s (default 2s), until Ctrl-C."):argname "T"
end

local function percent(value) return ("%.1f"):format(value) end

local COLUMNS = {
  {key = "name", keep = true},
  {key = "status", min = 7, colour = terminal.status_colour},
  {key = "cpu_percent", title = "cpu %", right = true, format = percent},
  {key = "mem_usage", title = "memory", right = true, format = units.bytes_text},
  {key = "mem_percent", title = "mem %", right = true, format = percent, priority = 1},
  {key = "mem_limit", title = "limit", right = true, format = units.bytes_text, priority = 2},
  {key = "fs_free_bytes", title = "disk free", right = true, format = units.bytes_text, priority = 3},
}

-- The containers that are meant, or what is wrong with a name; nil, err.
local function chosen(m, words)
  if #words > 0 then return lookup.containers("stats", words) end
  return m:list_managed_containers()
end

local function row_of(m, found, word)
  if errors.is(found) then return {name = word, ok = false, error = "not-found", told = found.message} end
  local row = m:container_stats(found.container_id)
  row.name, row.container_id = found.name, found.container_id
  return row
end

-- A row for each, in the order of the words, or of the names; nil, err.
local function rows_of(m, words)
  local found, err = chosen(m, words)
  if not found then return nil, err end
  if #words == 0 then table.sort(found, function(a, b) return a.name < b.name end) end
  return (tasks.map(found, function(summary, i) return row_of(m, summary, words[i]) end, {limit = LIMIT}))
end

-- The rows that are there; what failed is said for each.
local function good_rows(rows)
  local good = {}
  for _, row in ipairs(rows) do
    if row.ok then
      good[#good + 1] = row
    else
      log.diagnose(row.told and "stats: " .. row.told or ("stats %s: %s"):format(show.short(row.name), row.error))
    end
    row.told = nil
  end
  return good
end

local function document(rows) return json.encode(json.array(rows)) .. "\n" end

local function once(m, options)
  local rows, err = rows_of(m, options.container)
  if not rows then return nil, err end
  local good = good_rows(rows)
  io.write(options.json and document(rows) or terminal.table(good, COLUMNS))
  return #good == #rows and 0 or 1
end

-- A container that goes away has no row any more, and one that is named may come back.
local function watch(m, options, interval)
  local draw = options.json and io.write or picture.new()
  while true do
    local begun = task.monotonic()
    local rows, err = rows_of(m, options.container)
    if not rows then return nil, err end
    for _, row in ipairs(rows) do
      row.told = nil
      if not options.json and not row.ok then row.status = "gone" end
    end
    draw(options.json and document(rows) or terminal.table(rows, COLUMNS))
    io.flush()
    task.sleep(math.max(0.05, begun + interval - task.monotonic()))
  end
end

local function run(options)
  local interval, why
  if options.watch then
    interval, why = amount.duration("--watch", options.watch)
    if not interval then return usage("stats", why) end
  end
  options.container = options.container or {}
  local m = require "moontide.manager" {}
  if not interval then return once(m, options) end
  return watch(m, options, interval)
end

return {
  name = "stats", declare = declare, run = run, bare = {["--watch"] = "2s"},
  description = "Prints what containers use: CPU, memory, disk.",
}
