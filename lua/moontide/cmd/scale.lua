--- moontide scale TARGET --min N --max N: how many containers of an image there are to be, now and later.

local amount = require "moontide.cmd.amount"
local changes = require "moontide.cmd.changes"
local lookup = require "moontide.cmd.lookup"
local reconciled = require "moontide.cmd.reconciled"
local usage = require "moontide.cmd.usage"

local function declare(parser)
  parser:argument("target", "A container's name or id, or an image.")
  parser:option("--min", "At least so many; when it is left out, as many as before."):argname "N"
  parser:option("--max", "At most so many; when it is left out, as many as before."):argname "N"
  changes.declare(parser)
end

-- As the manager takes them; or nil and what is wrong.
local function counts(options)
  local given = {}
  for _, name in ipairs {"min", "max"} do
    if options[name] then
      local count, why = amount.count("--" .. name, options[name])
      if not count then return nil, why end
      given[name .. "_replicas"] = count
    end
  end
  if not next(given) then return nil, "needs --min N, --max N or both" end
  if given.min_replicas and given.max_replicas and given.min_replicas > given.max_replicas then
    return nil, ("--min %d is more than --max %d"):format(given.min_replicas, given.max_replicas)
  end
  return given
end

local function run(options)
  local given, why = counts(options)
  if not given then return usage("scale", why) end
  local found, err = lookup.target("scale", options.target)
  if not found then return nil, err end
  local m = require "moontide.manager" {}
  return reconciled.run(options, {
    command = "scale", manager = m, images = {found.image}, single = true,
    plan = function(image) return m:plan(image, given) end,
    act = function(image) return m:scale(image, given) end,
  })
end

return {
  name = "scale", declare = declare, run = run,
  advice = {["too many arguments"] = "say how many with --min N and --max N"},
  description = "Sets how many containers of an image there are to be, and makes it so.",
}
