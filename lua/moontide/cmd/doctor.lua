--- moontide doctor: is the engine there, what is it, and what is wrong with it.

local checks = require "moontide.cmd.checks"
local docker = require "moontide.docker.functions"
local engine = require "moontide.c.engine"
local errors = require "moontide.core.errors"
local instant = require "moontide.core.instant"
local process = require "moontide.c.process"
local task = require "moontide.c.task"
local terminal = require "moontide.cmd.terminal"

local FAILED, UNREACHABLE = 1, 3
local TIMEOUT = 10 -- seconds for each question
local WIDTH, MARGIN = 80, 17

local LABELS = {ok = "ok", warn = "warn", fail = "FAIL"}
local COLOURS = {ok = "\27[32m", warn = "\27[33m", fail = "\27[1;31m"}

local function declare() end

-- How far the engine's clock is ahead of ours, in seconds, less what the question's way may account for.
local function clock_ahead(info, asked, answered)
  local theirs = instant.read(info.SystemTime)
  if not theirs then return nil end
  if theirs > answered then return theirs - answered end
  return theirs < asked and theirs - asked or 0
end

-- What the engine says; or nil, err.
local function ask(connection)
  local api = docker.of(function() return connection end)
  local facts = {host = connection:host(), source = connection:source()}
  local pong, err = api.ping()
  if not pong then return nil, err end
  facts.version, err = api.version()
  if not facts.version then return nil, err end
  local asked = task.now()
  facts.info, err = api.info()
  if not facts.info then return nil, err end
  facts.clock_ahead = clock_ahead(facts.info, asked, task.now())
  facts.podman = (pong.Server or ""):find("^Libpod") ~= nil
  facts.api = connection:version()
  local root = facts.info.DockerRootDir
  if facts.host:find("^unix:") and type(root) == "string" then
    facts.disk_free, facts.disk_all = process.disk(root)
    if type(facts.disk_all) ~= "number" then facts.disk_free = nil end -- it is not on this machine
  end
  return facts
end

local function unreachable(err)
  return err.kind == "transport" or err.kind == "timeout"
end

-- All checks, and the exit code.
local function examine(options)
  local connection, err = engine.connect {host = options.host, timeout = TIMEOUT}
  if not connection then return {checks.check("engine", "fail", err.message)}, FAILED end
  local list = {checks.chosen {host = connection:host(), source = connection:source()}}
  local path = connection:host():match("^unix://(.*)$")
  if path then list[#list + 1] = checks.socket(path, process.rights(path)) end
  local facts
  facts, err = ask(connection)
  if not facts then
    list[#list + 1] = checks.check("answer", "fail", err.message)
    return list, unreachable(err) and UNREACHABLE or FAILED
  end
  table.move(checks.of_engine(facts), 1, 100, #list + 1, list)
  for _, check in ipairs(list) do
    if check.status == "fail" then return list, FAILED end
  end
  return list, 0
end

-- Breaks between words; a word that is longer stays whole, so that it can be copied.
local function wrap(text, width)
  local lines, line = {}, ""
  for word in errors.escape(text):gmatch("%S+") do
    if line ~= "" and utf8.len(line) + 1 + utf8.len(word) > width then
      lines[#lines + 1], line = line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = line
  return lines
end

local function print_check(check, width, coloured)
  local label = ("%-5s"):format(LABELS[check.status])
  if coloured then label = COLOURS[check.status] .. label .. "\27[0m" end
  local head = ("%s %-10s "):format(label, check.check)
  for i, line in ipairs(wrap(check.text, width - MARGIN)) do
    io.write(i == 1 and head or (" "):rep(MARGIN), line, "\n")
  end
  for i, line in ipairs(check.mend and wrap(check.mend, width - MARGIN - 3) or {}) do
    io.write((" "):rep(MARGIN), i == 1 and "-> " or "   ", line, "\n")
  end
end

local function counted(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function print_report(list)
  local coloured = terminal.coloured()
  local width = math.max(40, process.columns() or WIDTH)
  local count = {ok = 0, warn = 0, fail = 0}
  for _, check in ipairs(list) do
    print_check(check, width, coloured)
    count[check.status] = count[check.status] + 1
  end
  io.write(("\n%d ok, %s, %s\n"):format(count.ok, counted(count.warn, "warning"), counted(count.fail, "failure")))
end

local function run(options)
  local list, code = examine(options)
  if options.json then
    io.write(require("moontide.c.json").encode({ok = code == 0, checks = list}, {indent = 2}), "\n")
  else
    print_report(list)
  end
  return code
end

return {
  name = "doctor", description = "Says what is wrong with the engine, and how to mend it.",
  declare = declare, run = run,
}
