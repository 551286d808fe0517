--- moontide logs NAME: what a container has written. Its standard error goes to ours.

local amount = require "moontide.cmd.amount"
local docker = require "moontide.docker"
local errors = require "moontide.core.errors"
local process = require "moontide.c.process"

local function declare(parser)
  parser:argument("container", "Name or id.")
  parser:flag("-f --follow", "Go on with what is written later; Ctrl-C ends it.")
  parser:option("--since", "Nothing older: how long ago, as 10m, or 2026-11-23T08:00:00Z."):argname "TIME"
  parser:option("--tail", "Only so many lines of what there is."):argname "N"
  parser:flag("-t --timestamps", "Each line with its time.")
end

-- For a terminal: colours and tabs stay, what else could drive it is escaped.
local function harmless(text)
  local out, at = {}, 1
  repeat
    local first, last = text:find("\27%[[%d;]*m", at)
    local tab = text:find("\t", at, true)
    if tab and (not first or tab < first) then first, last = tab, tab end
    out[#out + 1] = errors.escape(text:sub(at, (first or 0) - 1))
    out[#out + 1] = first and text:sub(first, last)
    at = last and last + 1
  until not at
  return table.concat(out)
end

-- A line of JSON for each line.
local function json_line(text, source, time)
  return require("moontide.c.json").encode {line = text, source = source, time = time}
end

local function run(options)
  local lines, err = docker.logs(options.container, {
    follow = options.follow, since = amount.moment(options.since),
    tail = options.tail and (tonumber(options.tail) or options.tail), timestamps = options.timestamps,
  })
  if not lines then return nil, err end
  local terminal = {stdout = process.isatty(1), stderr = process.isatty(2)}
  for text, source, time in lines do
    local file = source == "stderr" and not options.json and io.stderr or io.stdout
    if options.json then
      text = json_line(text, source, time)
    else
      if terminal[source] then text = harmless(text) end
      if time then text = time .. " " .. text end
    end
    file:write(text, "\n")
    if options.follow then file:flush() end
  end
  return 0
end

return {name = "logs", description = "Prints what a container has written.", declare = declare, run = run}
