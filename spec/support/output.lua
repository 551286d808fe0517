-- busted's output for scripts/test.sh: each result is a line in the file
-- $MOONTIDE_RESULTS ("run NAME", "ok NAME", "not ok NAME"), so that nothing a
-- test prints can pass for one; failures are shown as they happen.

local busted = require "busted"
local pretty = require "pl.pretty"

local function first_line(text)
  return (text:gsub("[\r\n].*", ""))
end

return function()
  local handler = require "busted.outputHandlers.base"()
  local path = assert(os.getenv("MOONTIDE_RESULTS"), "MOONTIDE_RESULTS names no file")
  local results = assert(io.open(path, "a"))
  results:setvbuf("line")

  local function record(verdict, name)
    results:write(verdict, " ", first_line(name), "\n")
  end

  local function show(failure, name)
    local message = failure.message
    if type(message) ~= "string" then
      message = message == nil and "no message" or pretty.write(message)
    end
    local trace = failure.trace and failure.trace.traceback or ""
    local text = (message .. trace):gsub("%s+$", ""):gsub("\n", "\n    ")
    record("not ok", name)
    io.write("not ok ", name, "\n    ", text, "\n")
    io.flush()
  end

  local function test_start(element)
    record("run", handler.getFullName(element))
    return nil, true
  end

  local function test_end(element, _, status)
    local name = handler.getFullName(element)
    if status == "success" then
      record("ok", name)
    elseif status == "pending" then
      local pending = handler.pendings[#handler.pendings]
      show({ message = "pending counts as a failure: " .. tostring(pending.message or "") }, name)
    else
      local list = status == "failure" and handler.failures or handler.errors
      show(list[#list], name)
    end
    return nil, true
  end

  -- What fails outside a test: loading the file, setup, teardown, a hook.
  local function outside(element)
    if element.descriptor ~= "it" then
      show(handler.errors[#handler.errors], element.descriptor .. " " .. handler.getFullName(element))
    end
    return nil, true
  end

  busted.subscribe({ "test", "start" }, test_start)
  busted.subscribe({ "test", "end" }, test_end)
  busted.subscribe({ "failure" }, outside)
  busted.subscribe({ "error" }, outside)

  return handler
end
