--- A spec's `healthcheck`; pure.

local check = require "moontide.core.check"
local process = require "moontide.docker.spec.process"
local show = require "moontide.core.show"

local SHORTEST = 1000000 -- ns; the engine refuses what is shorter

local function is_count(value)
  local count = type(value) == "number" and math.tointeger(value)
  return count and count >= 1, "must be a whole number above 0"
end

local SCHEMA = {
  command = "string|table", test = "table", retries = is_count,
  interval = "duration", timeout = "duration", start_period = "duration",
}

local DURATIONS = {interval = "Interval", timeout = "Timeout", start_period = "StartPeriod"}

local TEST_KINDS = {CMD = 2, ["CMD-SHELL"] = 2, NONE = 1} -- and how long the list is at least

local function test_of(op, option, given)
  if given.command and given.test then
    check.refuse(op, option, "has both command and test; leave one out")
  end
  if type(given.command) == "string" then
    if not given.command:find("%S") then check.refuse(op, option .. ".command", "is empty") end
    return process.list_of_words(op, option .. ".command", {"CMD-SHELL", given.command})
  elseif given.command then
    local test = process.list_of_words(op, option .. ".command", given.command)
    table.insert(test, 1, "CMD")
    return test
  elseif given.test then
    local test = process.list_of_words(op, option .. ".test", given.test)
    local least = TEST_KINDS[test[1]]
    if not least or #test < least then
      check.refuse(op, option .. ".test", 'must be {"CMD", word, ...}, {"CMD-SHELL", text} or {"NONE"}')
    end
    return test
  end
  return nil
end

--- The engine's Healthcheck. Without command and test the image's own is used, at another pace.
---@param op string
---@param option string
---@param value table|false|"none" {command = text for a shell or list of words, test = as the engine
---  has it, interval, timeout, start_period = durations, retries = count}; false, "none": no check
---@return table healthcheck
local function read(op, option, value)
  if value == false or value == "none" then return {Test = process.list_of_words(op, option, {"NONE"})} end
  if type(value) ~= "table" then
    check.refuse(op, option, 'must be a table, false or "none", got %s', show.value(value))
  end
  local given = check.options(op, value, SCHEMA, {path = option})
  local health = {Test = test_of(op, option, given), Retries = math.tointeger(given.retries)}
  for key, name in pairs(DURATIONS) do
    local ns = given[key] and math.floor(given[key] * 1e9 + 0.5)
    if ns and ns ~= 0 and ns < SHORTEST then
      check.refuse(op, option .. "." .. key, 'must be at least "1ms", the engine\'s minimum')
    end
    health[name] = ns
  end
  return health
end

return {read = read}
