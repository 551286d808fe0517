--- moontide reconcile [IMAGE]: as many containers as are wished, of one image or of all.

local changes = require "moontide.cmd.changes"
local lookup = require "moontide.cmd.lookup"
local reconciled = require "moontide.cmd.reconciled"
local usage = require "moontide.cmd.usage"
local wish = require "moontide.cmd.wish"

local function declare(parser)
  parser:argument("image", "Only this one; it is wished once when it is not known yet."):args "?"
  changes.declare(parser)
end

local function run(options)
  local image, images, err = options.image
  local fault = image and wish.image_fault(image)
  if fault then return usage("reconcile", fault) end
  if image then
    images = {image}
  else
    images, err = lookup.wished()
    if not images then return nil, err end
  end
  local m = require "moontide.manager" {}
  return reconciled.run(options, {
    command = "reconcile", manager = m, images = images, single = image ~= nil,
    plan = function(name) return m:plan(name) end,
    act = function(name) return m:reconcile(name) end,
  })
end

return {
  name = "reconcile", declare = declare, run = run,
  description = "Makes as many containers run as are wished, of all images or of one.",
}
