--- moontide ps [TARGET]: the containers of the engine.

local docker = require "moontide.docker"
local ports_text = require "moontide.cmd.ports_text"
local process = require "moontide.c.process"

local function declare(parser)
  parser:argument("target", "Only containers of this name, or of this image."):args "?"
  parser:flag("-a --all", "Also containers that do not run.")
end

local function matches(summary, target)
  return not target or summary.name == target or summary.image == target
    or summary.container_id:sub(1, #target) == target
end

local function age(created, now)
  return require("moontide.core.units").duration_text(math.max(0, now - created))
end

local function print_table(list)
  local now = os.time()
  local columns = {
    {key = "name"},
    {key = "container_id", title = "id", format = function(id) return id:sub(1, 12) end},
    {key = "image"},
    {key = "status", format = function(status, row)
      return row.health and ("%s (%s)"):format(status, row.health) or status
    end},
    {key = "created", title = "age", right = true, format = function(created) return age(created, now) end},
    {key = "ports", format = ports_text},
  }
  io.write(require "moontide.core.table_text"(list, columns, {width = process.columns()}))
end

local function run(options)
  local list, err = docker.list {all = options.all}
  if not list then return nil, err end
  local json = require "moontide.c.json"
  local chosen = json.array {}
  for _, summary in ipairs(list) do
    if matches(summary, options.target) then chosen[#chosen + 1] = summary end
  end
  if options.json then
    io.write(json.encode(chosen), "\n")
  else
    print_table(chosen)
  end
  return 0
end

return {name = "ps", description = "Lists containers.", declare = declare, run = run}
