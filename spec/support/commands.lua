--- The manager's commands, as an operator types them, each test on a state file of its own.

local assert = require "luassert"
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local commands = {}

commands.image = "moontide/web"

local directory, count

--- The state file of this test: `commands.state`, which is not there yet.
function commands.new_state()
  if not directory then
    directory, count = os.tmpname(), 0
    os.remove(directory)
  end
  count = count + 1
  commands.state = ("%s/%d/state.db"):format(directory, count)
end

--- Removes all state files.
function commands.forget_states()
  if directory then os.execute(("rm -rf '%s'"):format(directory)) end
  directory = nil
end

--- The command, on the state file of this test.
function commands.run(...)
  return host.run({...}, {env = {MOONTIDE_STATE = commands.state, TOKEN = "hush-hush", NO_COLOR = false}})
end

--- What it prints; it has to succeed, and to have nothing to say.
function commands.done(...)
  local result = commands.run(...)
  assert.are.same({0, ""}, {result.code, result.err}, table.concat({...}, " "))
  return result.out
end

--- The document that it prints, and what else came of it.
function commands.document(...)
  local result = commands.run(...)
  local _, lines = result.out:gsub("\n", "")
  assert.are.equal(1, lines, result.out .. result.err)
  return cjson.decode(result.out), result
end

--- Fails unless it ends with that code and prints nothing but a message like the pattern.
function commands.fails(code, pattern, ...)
  local result = commands.run(...)
  assert.are.same({code, ""}, {result.code, result.out}, result.err)
  assert.matches(pattern, result.err)
  assert.is_nil(result.err:find("[^\n%g ]"), result.err)
end

--- The managed containers of an image (default: of all), as the engine has them.
function commands.containers(image)
  local path = "/containers/json?all=1&filters={%%22label%%22:[%%22orchestrator.image%s%%22]}"
  local _, list = engine.api("GET", path:format(image and "=" .. image or ""))
  return list
end

--- Their names, in order.
function commands.names(image)
  local list = {}
  for i, container in ipairs(commands.containers(image)) do list[i] = container.Names[1]:sub(2) end
  table.sort(list)
  return list
end

--- Removes all of them.
function commands.clean()
  for _, container in ipairs(commands.containers()) do
    engine.api("DELETE", "/containers/" .. container.Id .. "?force=1&v=1")
  end
end

--- The text as a pattern.
function commands.plain(text) return (text:gsub("%p", "%%%0")) end

return commands
