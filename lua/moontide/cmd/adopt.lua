--- moontide adopt IMAGE: containers that another state file's moontide has made are this one's from now on.

local changes = require "moontide.cmd.changes"
local errors = require "moontide.core.errors"
local outcome = require "moontide.cmd.outcome"
local usage = require "moontide.cmd.usage"
local wish = require "moontide.cmd.wish"

local LABEL, OWNER = "orchestrator.image", "moontide.owner"

local function declare(parser)
  parser:argument("image", "Its containers, whoever made them with moontide.")
  changes.declare(parser)
end

-- Those that have another owner than ours, and are not adopted yet: what the manager does not list.
local function plan(m, image)
  local ours, err = m:get_containers_for_image(image)
  if not ours then return nil, err end
  local known, steps, all = {}, {}
  for _, summary in ipairs(ours) do known[summary.container_id] = true end
  all, err = require("moontide.docker").list {all = true, label = {[LABEL] = image, [OWNER] = true}}
  if not all then return nil, err end
  for _, summary in ipairs(all) do
    if not known[summary.container_id] and not summary.labels["moontide.service"] then
      steps[#steps + 1] = {
        action = "adopt", image = image, container_id = summary.container_id, name = summary.name,
        reason = "it belongs to another state file",
      }
    end
  end
  return steps
end

local function tell(results)
  local result, rows = results[1], {}
  if not result.ok then return {}, {("adopt %s: %s"):format(result.image, result.error or "it failed")} end
  for i, summary in ipairs(result.adopted) do rows[i] = outcome.row("adopted", summary) end
  return rows, {}
end

local function run(options)
  local image = options.image
  local fault = wish.image_fault(image)
  if fault then return usage("adopt", fault) end
  local m = require "moontide.manager" {}
  if options.dry_run then
    local steps, err = plan(m, image)
    if not steps then return nil, err end
    return changes.print_plan(options, steps)
  end
  return changes.run(options, {
    command = "adopt", what = "adopt " .. errors.escape(image), single = true, tell = tell,
    act = function() return {m:adopt(image)} end,
  })
end

return {
  name = "adopt", declare = declare, run = run,
  description = "Takes over an image's containers that another state file's moontide has made.",
}
