--- moontide forget TARGET: an image is not wished for any more. Its containers stay as they are.

local changes = require "moontide.cmd.changes"
local errors = require "moontide.core.errors"
local lookup = require "moontide.cmd.lookup"

local function declare(parser)
  parser:argument("target", "A container's name or id, or an image.")
  changes.declare(parser)
end

local function tell(results)
  local result = results[1]
  return {{verb = "forgot", name = result.image, more = result.was_wished and "its containers stay as they are"
    or "nothing was wished of it"}}, {}
end

local function run(options)
  local found, err = lookup.target("forget", options.target)
  if not found then return nil, err end
  local m, image = require "moontide.manager" {}, found.image
  local wish
  wish, err = m:desired(image)
  if err then return nil, err end
  if options.dry_run then
    local reason = wish and ("%d to %d are wished"):format(wish.min_replicas, wish.max_replicas)
    return changes.print_plan(options, {wish and {action = "forget", image = image, reason = reason}})
  end
  return changes.run(options, {
    command = "forget", what = "forget " .. errors.escape(image), single = true, tell = tell,
    act = function()
      local done, why = m:forget(image)
      if not done then return nil, why end
      return {{ok = true, image = image, was_wished = wish ~= nil}}
    end,
  })
end

return {
  name = "forget", declare = declare, run = run,
  description = "Drops what is wished of an image; its containers stay as they are.",
}
