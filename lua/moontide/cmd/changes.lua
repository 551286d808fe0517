--- What the commands that change something have in common: --wait, --timeout and --dry-run; what they print,
--- and how they end.

local amount = require "moontide.cmd.amount"
local errors = require "moontide.core.errors"
local json = require "moontide.c.json"
local log = require "moontide.core.log"
local outcome = require "moontide.cmd.outcome"
local task = require "moontide.c.task"
local tasks = require "moontide.core.tasks"
local units = require "moontide.core.units"
local usage = require "moontide.cmd.usage"

local FAILED, UNREACHABLE = 1, 3
local WAIT_TIMEOUT = 60 -- s
local INTERVAL = 0.2    -- s between two looks

local function declare(parser)
  parser:flag("--wait", "Wait until what is wanted has come about; at most 60s, or --timeout.")
  parser:option("--timeout", "For all of it, as 30s; then it ends with 1."):argname "T"
  parser:flag("--dry-run", "Only print what would be done, and why.")
end

---@class moontide.Change
---@field command string its name
---@field what string what it is about: "scale web"
---@field act fun(): any[]?, moontide.Error? does it: the manager's results, or nil, err
---@field tell fun(results: any[]): moontide.OutcomeRow[], string[] rows of what was done, and failures
---@field missing nil|fun(results: any[]): string?, moontide.Error? what --wait still waits for; nil: nothing
---@field failed nil|fun(result: any): boolean whether --wait is in vain; default: when it is not ok
---@field single boolean? the document of --json is the only result, not a list

-- Within the time that is left, when it is limited.
local function in_time(change, left, fn, ...)
  if not left then return fn(...) end
  local result, err = tasks.timeout(math.max(0.001, left), fn, ...)
  if result == nil and errors.is(err) and err.op == "mt.timeout" then
    return errors.fail(nil, "timeout", "%s: not done in time; part of it may be done: see moontide ps --all and "
      .. "moontide history", change.what)
  end
  return result, err
end

-- Looks again and again; the last thing that was missing when the time is over, or why it could not be seen.
-- What is there has to be there twice: a container that crashes at once runs for a moment, too.
local function wait_for(change, results, deadline)
  local seen, lack, err = 0
  while true do
    lack, err = change.missing(results)
    if err then return err.message end
    seen = lack and 0 or seen + 1
    if seen == 2 then return nil end
    if task.monotonic() + INTERVAL > deadline then return lack or "it was there only for a moment" end
    task.sleep(INTERVAL)
  end
end

local function is_failure(result) return result.ok == false or result.deleted == false end

local function complete(change, results)
  for _, result in ipairs(results) do
    if (change.failed or is_failure)(result) then return false end
  end
  return true
end

local function code_of(results)
  local code = 0
  for _, result in ipairs(results) do
    if is_failure(result) then code = math.max(code, result.kind == "transport" and UNREACHABLE or FAILED) end
  end
  return code
end

local function print_document(change, results)
  io.write(json.encode(change.single and results[1] or json.array(results)), "\n")
end

local function finish(change, options, results, deadline, limit)
  local rows, failures = change.tell(results)
  if not options.json then
    io.write(#rows + #failures == 0 and "nothing to do\n" or outcome.lines(rows))
    io.flush()
  end
  for _, failure in ipairs(failures) do log.diagnose(failure) end
  local lack
  if options.wait and change.missing and complete(change, results) then lack = wait_for(change, results, deadline) end
  if options.json then print_document(change, results) end
  if not lack then return code_of(results) end
  log.diagnose(("%s: not reached within %s: %s"):format(change.what, units.duration_text(limit), lack))
  return FAILED
end

--- Does it, prints what was done, and waits when it is asked to.
---@param options table of the command line
---@param change moontide.Change
---@return integer? code; nil, err
---@return moontide.Error?
local function run(options, change)
  local limit, why = options.wait and WAIT_TIMEOUT or nil
  if options.timeout then
    limit, why = amount.duration("--timeout", options.timeout)
    if not limit then return usage(change.command, why) end
  end
  local deadline = limit and task.monotonic() + limit
  local results, err = in_time(change, limit, change.act)
  if not results then return nil, err end
  return finish(change, options, results, deadline, limit)
end

--- Prints what --dry-run has found.
---@param options table
---@param steps table[] {action, image, container_id, name, reason}
---@return integer code
local function print_plan(options, steps)
  io.write(options.json and json.encode(json.array(steps)) .. "\n" or outcome.of_plan(steps))
  return 0
end

return {declare = declare, run = run, print_plan = print_plan}
