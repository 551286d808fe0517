--- After an operation that did not end (kill -9): names that were written down, and what became of them.

local change = require "moontide.manager.change"
local context = require "moontide.manager.context"
local log = require "moontide.core.log"
local record = require "moontide.record"

local REASONS = {intended = "its start was interrupted", removing = "its removal was interrupted"}

-- Whether the container goes: what was never started was never counted, and what was to go goes.
local function is_left(slot, summary)
  return summary ~= nil and (slot.state == "removing" or summary.status == "created")
end

-- What runs has its name from now on.
local function settle(m, slot, summary)
  if is_left(slot, summary) then
    local removed, err = change.remove(m, summary, {force = slot.state == "intended", reason = REASONS[slot.state]})
    if not removed then log.warn("manager: %s, of an interrupted run, stays: %s", slot.name, err.message) end
    return
  end
  slot.container_id = summary and summary.container_id or nil
  slot.state = "made"
  record.put_slot(slot)
end

--- Settles what is left of the image. The caller has its turn, so nobody else works on these names.
---@param m moontide.Manager
---@param image string
---@param current moontide.Summary[] the image's containers
---@return boolean changed whether a container was removed
local function recover(m, image, current)
  local by_name, changed = {}, false
  for _, summary in ipairs(current) do by_name[summary.name] = summary end
  for _, slot in ipairs(record.slots(context.key(m), image) or {}) do
    if REASONS[slot.state] then
      local summary = by_name[slot.name]
      changed = changed or is_left(slot, summary)
      settle(m, slot, summary)
    end
  end
  return changed
end

return recover
