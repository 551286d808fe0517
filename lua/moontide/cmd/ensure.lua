--- moontide ensure IMAGE: one container of it, made when there is none. What is given is kept as the wish.

local changes = require "moontide.cmd.changes"
local errors = require "moontide.core.errors"
local ordered = require "moontide.core.ordered"
local outcome = require "moontide.cmd.outcome"
local show = require "moontide.core.show"
local usage = require "moontide.cmd.usage"
local waiting = require "moontide.cmd.waiting"
local wish = require "moontide.cmd.wish"

local MAX_FILE = 1 << 20 -- bytes of variables

local function declare(parser)
  parser:argument("image", "Its name; without a tag, latest.")
  parser:option("-e --env", "One variable of its environment; without =, its value is ours."):argname("NAME=VALUE")
    :count "*"
  parser:option("--env-file", "A file with a variable on each line."):argname("FILE"):count "*"
  parser:option("-p --publish", "A port, and where on the host (default: the engine chooses)."):argname("PORT[=HOST]")
    :count "*"
  parser:option("--cpu", "CPUs that it may use, as 0.5 or 500m."):argname "N"
  parser:option("--memory", "Memory that it may use, as 256m."):argname "N"
  parser:option("--status", "What it is to be: running (default) or stopped."):choices {"running", "stopped"}
  changes.declare(parser)
end

local function read_file(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, errors.escape(why) end
  local text, bad = file:read(MAX_FILE + 1)
  file:close()
  if bad then return nil, ("%s: %s"):format(errors.escape(path), bad) end
  if #(text or "") > MAX_FILE then return nil, ("%s: is longer than 1 MiB"):format(errors.escape(path)) end
  return text or ""
end

-- A running one, else the newest: the manager's choice.
local function preferred(list)
  for _, summary in ipairs(list) do
    if summary.status == "running" then return summary end
  end
  return list[1]
end

local function plan(m, image, whole)
  local list, err = m:get_containers_for_image(image)
  if not list then return nil, err end
  local found, step = preferred(list), nil
  if not found then
    step = {action = "create", reason = "there is none"}
  elseif found.status ~= "running" and whole.resources.status ~= "stopped" then
    step = {action = "start", container_id = found.container_id, name = found.name, reason = "it is " .. found.status}
  end
  if step then step.image = image end
  return {step}
end

-- Only what came about is kept as a wish.
local function act(m, image, whole, given)
  local result = m:ensure_singleton_for_image(image, {
    env = whole.env, ports = whole.ports, resources = whole.resources,
  })
  if not result.ok or not next(given) then return {result} end
  local kept, err = m:register_desired_state(image, whole)
  if not kept then return nil, err end
  return {result}
end

local function tell(results)
  local result = results[1]
  if not result.ok then return {}, {("ensure %s: %s"):format(result.image, result.error)} end
  return {outcome.row(result.action == "created" and "created" or "kept", result)}, {}
end

local function missing(m, result, whole)
  local summary, err = m:summarize_container(result.container_id)
  if not summary then return nil, err end
  result.status, result.ports = summary.status, summary.ports
  return waiting.missing({
    min = 1, keys = ordered.keys(whole.ports), stopped = whole.resources.status == "stopped",
  }, {summary})
end

-- Its env, ports or limits are another's: to change them takes a new container.
local function warn_of_drift(m, result)
  if result.action ~= "kept-existing" then return end
  for _, summary in ipairs(m:get_containers_for_image(result.image) or {}) do
    if summary.container_id == result.container_id and summary.drifted then
      require("moontide.core.log").warn("%s was made with other settings; moontide rm %s and ensure it again",
        summary.name, summary.name)
    end
  end
end

local function run(options)
  local image = options.image
  local fault = wish.image_fault(image)
  if fault then return usage("ensure", fault) end
  local given, why = wish.read(options, {getenv = os.getenv, read = read_file})
  if not given then return usage("ensure", why) end
  local m = require "moontide.manager" {}
  local known, err = m:desired(image)
  if err then return nil, err end
  local whole = wish.merge(known, given)
  if options.dry_run then
    local steps
    steps, err = plan(m, image, whole)
    if not steps then return nil, err end
    return changes.print_plan(options, steps)
  end
  return changes.run(options, {
    command = "ensure", what = "ensure " .. show.short(image), single = true,
    act = function() return act(m, image, whole, given) end,
    tell = function(results)
      warn_of_drift(m, results[1])
      return tell(results)
    end,
    missing = function(results) return missing(m, results[1], whole) end,
  })
end

return {
  name = "ensure", declare = declare, run = run,
  description = "Makes sure that there is a container of an image. The options are kept for those that are made later.",
}
