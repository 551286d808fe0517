--- Calls on containers that differ only in data.

local check = require "moontide.core.check"
local fields = require "moontide.docker.spec.fields"
local filters = require "moontide.docker.filters"

-- The engine needs up to 12 s for a kill after the grace is over.
local KILL_TIME = 15
local DEFAULT_GRACE = 10

local ID = {"id", check.id}

-- Podman takes 0, a kill at once, when no time is given: it always is.
local function with_grace(_, given)
  local grace = math.ceil(given.timeout or DEFAULT_GRACE)
  return {query = {"t", grace, given.signal and "signal", given.signal}, timeout = grace + KILL_TIME}
end

--- list: containers, newest first, in one call.
--- all: also those that do not run; label: {key = value, or true for any value}, all must match;
--- name: exact; status: "running", "exited", ... or a list of them; limit: the newest so many.
return {
  list = {
    options = {all = "boolean", label = "table", name = "string", status = "string|table", limit = "integer"},
    as = "summaries",
    send = function(op, given) return {query = filters.list_query(op, given)} end,
    take = function(list, given) return given.name and filters.exactly(list, "name", given.name) or list end,
  },
  start = {arguments = {ID}},
  stop = {arguments = {ID}, options = {timeout = "duration", signal = "string"}, send = with_grace},
  restart = {arguments = {ID}, options = {timeout = "duration", signal = "string"}, send = with_grace},
  kill = {
    arguments = {ID}, options = {signal = "string|integer"},
    send = function(_, given) return {query = {"signal", given.signal or "SIGKILL"}} end,
  },
  rename = {
    arguments = {ID, {"name", fields.name_argument}},
    send = function(_, _, _, name) return {query = {"name", name}} end,
  },
  pause = {arguments = {ID}},
  unpause = {arguments = {ID}},
  inspect = {arguments = {ID}},
  summary = {arguments = {ID}, row = "inspect", as = "summary"},
}
