--- moontide events: what happens on the engine, until Ctrl-C.

local amount = require "moontide.cmd.amount"
local docker = require "moontide.docker"
local errors = require "moontide.core.errors"

local function declare(parser)
  parser:option("--since", "Also what happened since: how long ago, as 10m, or 2026-11-23T08:00:00Z."):argname "TIME"
  parser:option("--filter", "Only these: type=container, event=die, label=app=shop, ..."):argname("KEY=VALUE"):count "*"
end

local function complain(format, ...)
  return require "moontide.cmd.usage"("events", format:format(...))
end

local function read_filters(list)
  local filters = {}
  for _, text in ipairs(list or {}) do
    local key, value = text:match("^([^=]+)=(.+)$")
    if not key then return nil, text end
    filters[key] = filters[key] or {}
    table.insert(filters[key], value)
  end
  return filters
end

local function line_of(event)
  local text = ("%s %s %s"):format(os.date("%F %T", math.floor(event.time)), event.type, event.action)
  if event.detail then text = text .. ": " .. event.detail end
  local name = event.name or event.id:sub(1, 19)
  if name ~= "" then text = text .. " " .. name end
  if event.image and event.image ~= event.name then text = ("%s (%s)"):format(text, event.image) end
  if event.exit_code then text = ("%s exit code %d"):format(text, event.exit_code) end
  if event.signal then text = ("%s signal %d"):format(text, event.signal) end
  return errors.escape(text)
end

local function run(options)
  local filters, bad = read_filters(options.filter)
  if not filters then return complain('--filter "%s" is not like type=container', bad) end
  local events, err = docker.events {
    since = amount.moment(options.since), filters = next(filters) and filters or nil,
  }
  if not events then return nil, err end
  for event in events do
    io.write(options.json and require("moontide.c.json").encode(event) or line_of(event), "\n")
    io.flush()
  end
  return 0
end

return {
  name = "events", description = "Prints what happens on the engine, a line each, until Ctrl-C.",
  declare = declare, run = run,
}
