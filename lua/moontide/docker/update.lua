--- docker.update: other limits for a container, at once when it runs.

local check = require "moontide.core.check"
local fields = require "moontide.docker.spec.fields"
local resources = require "moontide.docker.spec.resources"

local OPTIONS = {cpu = "number|string", memory = "number|string", pids = "integer", restart = "string"}

local function body(op, given)
  if not next(given) then
    check.fail(op, "nothing to change is given; give cpu, memory, pids or restart")
  end
  local limits = resources.read(op, nil, {cpu = given.cpu, memory = given.memory, pids = given.pids})
  return {body = {
    NanoCpus = limits.cpu, Memory = limits.memory, PidsLimit = limits.pids,
    -- Alone, memory cannot grow beyond an earlier limit of memory and swap together; twice the memory is
    -- what a new container gets.
    MemorySwap = limits.memory and 2 * limits.memory,
    RestartPolicy = given.restart and fields.restart(op, "restart", given.restart),
  }}
end

return {
  update = {
    arguments = {{"id", check.id}}, options = OPTIONS, send = body,
    take = function() return true end,
  },
}
