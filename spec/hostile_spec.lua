-- Scripts that want to outlast the watchdog, burst the memory, or crash the host. The first line of
-- each file in data/hostile says how it ends: `-- verdict: CODE [what standard error says]`; a second
-- line `-- slow` that sanitizers would take too long for it.

local host = require "spec.support.host"

local DIRECTORY = "spec/data/hostile"
local AT_ONCE = 4
local MAX_OUTPUT = 65536 -- an error about an error about an error must end as well

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function list()
  local names = {}
  for name in host.shell("ls " .. DIRECTORY).out:gmatch("([%w_]+)%.lua\n") do names[#names + 1] = name end
  return names
end

local function verdict(name)
  local path = ("%s/%s.lua"):format(DIRECTORY, name)
  local code, text = read(path):match("^%-%- verdict: (%d+) ?([^\n]*)\n")
  assert(code, path .. ": the first line has to be `-- verdict: CODE [TEXT]`")
  local slow = read(path):find("^[^\n]*\n%-%- slow\n") ~= nil
  return {name = name, path = path, code = tonumber(code), text = text, slow = slow}
end

-- Only what has to be over its budget gets a short one: a busy machine is no verdict.
local function budget(expected)
  if expected.text:find("budget", 1, true) then return "100ms" end
  return expected.text:find("stuck", 1, true) and "200ms" or "10s"
end

-- Several at once: each writes NAME.code, NAME.out and NAME.err.
local function run_all(verdicts, results)
  local lines = {}
  for _, expected in ipairs(verdicts) do
    local command = ("timeout -s KILL 60 %s --script-budget %s --memory-limit 64m run %s"):format(host.binary,
      budget(expected), expected.path)
    local base = results .. "/" .. expected.name
    lines[#lines + 1] = ("%s </dev/null >%s.out 2>%s.err; echo $? >%s.code"):format(command, base, base, base)
  end
  local run = host.shell(("xargs -d '\\n' -P %d -n 1 sh -c"):format(AT_ONCE), {
    stdin = table.concat(lines, "\n"), timeout = 110,
  })
  assert(run.code == 0, run.err)
end

local function check(expected, results)
  local base = results .. "/" .. expected.name
  local code, err = tonumber(read(base .. ".code")), read(base .. ".err")
  assert(code == expected.code, ("ended with %d instead of %d: %s"):format(code, expected.code, err))
  assert(err:find(expected.text, 1, true), ("no %q in: %s"):format(expected.text, err))
  assert(#err <= MAX_OUTPUT, #err .. " bytes of errors")
  if expected.code ~= 4 and expected.text == "" then assert.equal("", err) end
end

local function suite(verdicts, suffix)
  local results

  lazy_setup(function()
    results = host.shell("mktemp -d").out:gsub("\n", "")
    run_all(verdicts, results)
  end)

  lazy_teardown(function() host.shell("rm -r " .. results) end)

  for _, expected in ipairs(verdicts) do
    it(expected.name .. " meets its verdict" .. suffix, function() check(expected, results) end)
  end
end

describe("hostile script", function()
  local quick, slow = {}, {}
  for _, name in ipairs(list()) do
    local expected = verdict(name)
    table.insert(expected.slow and slow or quick, expected)
  end

  describe("", function() suite(quick, "") end)
  describe("", function() suite(slow, " #slow") end)

  it("is one of at least sixty", function() assert.is_true(#quick + #slow >= 60) end)
end)
