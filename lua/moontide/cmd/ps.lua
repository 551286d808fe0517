--- moontide ps [TARGET]: the containers of the engine.

local docker = require "moontide.docker"

local function declare(parser)
  parser:argument("target", "Only a container, by name or id, or those of an image."):args "?"
  parser:flag("-a --all", "Also containers that do not run.")
end

local LIVES = {running = true, restarting = true, paused = true}

-- Those that the word stands for; a word that stands for nothing is a failure. A container that is named is
-- shown also when it does not run.
local function only(word, all)
  local found, list = require("moontide.cmd.lookup").target("ps", word)
  if not found then return nil, list end
  if found.container then return {found.container} end
  local chosen, image_of = {}, require("moontide.cmd.target").image_of
  for _, summary in ipairs(list) do
    local matches = summary.image == found.image or image_of(summary) == found.image
    if matches and (all or LIVES[summary.status]) then chosen[#chosen + 1] = summary end
  end
  return chosen
end

-- The document of --json needs none of this.
local function print_table(list)
  local terminal, units = require "moontide.cmd.terminal", require "moontide.core.units"
  local now = os.time()
  io.write(terminal.table(list, {
    {key = "name", keep = true},
    {key = "container_id", title = "id", keep = true, priority = 3, format = function(id) return id:sub(1, 12) end},
    {key = "image", min = 12, priority = 2},
    {key = "status", min = 7, colour = terminal.status_colour, format = function(status, row)
      return row.health and ("%s (%s)"):format(status, row.health) or status
    end},
    {key = "created", title = "age", right = true, priority = 4, format = function(created)
      return units.duration_text(math.max(0, now - created))
    end},
    {key = "ports", format = require "moontide.cmd.ports_text", min = 12, priority = 1},
  }))
end

local function run(options)
  local list, err
  if options.target then
    list, err = only(options.target, options.all)
  else
    list, err = docker.list {all = options.all}
  end
  if not list then return nil, err end
  if options.json then
    local json = require "moontide.c.json"
    io.write(json.encode(json.array(list)), "\n")
  else
    print_table(list)
  end
  return 0
end

return {name = "ps", description = "Lists containers.", declare = declare, run = run}
