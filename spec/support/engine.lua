--- Scripts that call an engine, and what can be seen of the engine without the program under test.

local assert = require "luassert"
local cjson = require "cjson"
local host = require "spec.support.host"

local engine = {}

local PREAMBLE = [[
local docker, LABEL = mt.docker, %q
-- A spec with the label of the tests.
local function web(spec)
  spec = spec or {}
  spec.image = spec.image or "moontide/web"
  spec.labels = spec.labels or {}
  spec.labels.spec = LABEL
  return spec
end
local beside = mt.spawn(function()
  for _ = 1, 3 do mt.sleep(0.001) end
  return "ran on"
end)
local ok, value, err = pcall(function() %s
end)
local _, other = beside:join()
print(mt.json.encode {
  value = ok and value, raised = not ok and tostring(value) or nil, other = other,
  err = err and {kind = err.kind, status = err.status, op = err.op, next = err.next, text = tostring(err)},
})
]]

--- Runs the body of a function as a script. In it: `docker`, `web(spec)`, which adds a label, LABEL.
--- What it returns comes back: a value, or nil and an error.
---@param label string
---@param code string
---@param options table? as host.script
---@return {value: any, err: table?, raised: string?, other: string, code: integer, stderr: string}
function engine.ask(label, code, options)
  local result = host.script(PREAMBLE:format(label, code), options)
  local ok, outcome = pcall(cjson.decode, result.out)
  if not ok then error(("exit code %d\n%s%s"):format(result.code, result.out, result.err), 2) end
  outcome.code, outcome.stderr = result.code, result.err
  return outcome
end

-- Fails unless the function returned, another task ran on meanwhile, and nothing was said about it.
local function returned(label, code, options)
  local outcome = engine.ask(label, code, options)
  assert.is_nil(outcome.raised)
  assert.are.same({"ran on", 0, ""}, {outcome.other, outcome.code, outcome.stderr})
  return outcome
end

--- What the function returns, which is no error.
function engine.value(label, code, options)
  local outcome = returned(label, code, options)
  assert.is_nil(outcome.err and outcome.err.text)
  return outcome.value
end

--- The error that the function returns.
---@return {kind: string, status: integer?, op: string, next: string, text: string}
function engine.failure(label, code, options)
  local outcome = returned(label, code, options)
  assert.is_nil(outcome.value)
  assert.is_table(outcome.err)
  return outcome.err
end

--- The container as curl sees it.
function engine.inspect(name)
  local status, container = engine.api("GET", "/containers/" .. name .. "/json")
  assert.are.equal(200, status)
  return container
end

--- One request by curl.
---@param docker_host string? a unix socket; default $DOCKER_HOST
---@return integer status
---@return any body decoded
function engine.api(method, path, body, docker_host)
  local socket = (docker_host or os.getenv("DOCKER_HOST")):match("^unix://(.*)$")
  local given = body and ("-H 'Content-Type: application/json' -d '%s'"):format(cjson.encode(body)) or ""
  local result = host.shell(("curl -sS -g -X %s %s --unix-socket '%s' -w '\\n%%{http_code}' 'http://engine%s'"):format(
    method, given, socket, path))
  local text, status = result.out:match("^(.*)\n(%d+)$")
  if not status then error(result.err, 2) end
  local ok, json = pcall(cjson.decode, text)
  return tonumber(status), ok and json or text
end

--- The names of the containers with that label, in order of the alphabet.
---@return string[]
function engine.containers(label)
  local _, list = engine.api("GET", ("/containers/json?all=1&filters={%%22label%%22:[%%22spec=%s%%22]}"):format(label))
  local names = {}
  for _, container in ipairs(list) do names[#names + 1] = container.Names[1]:sub(2) end
  table.sort(names)
  return names
end

--- Removes them.
function engine.clean(label)
  for _, name in ipairs(engine.containers(label)) do engine.api("DELETE", "/containers/" .. name .. "?force=1&v=1") end
end

--- Streams, and a connection that goes both ways, over whatever leads to the engine: the code of a script,
--- and what it returns.
engine.BOTH_WAYS = [[
  local name = LABEL .. "-both-ways"
  assert(docker.run(web {name = name, command = {"sh", "-c", "echo one; exec sleep 60"}}))
  local sent = ("moontide"):rep(100000)
  local echoed = assert(docker.exec(name, {"cat"}, {stdin = sent}))
  local failed = assert(docker.exec(name, "echo out; echo err >&2; exit 7"))
  local events, heard = assert(docker.events {filters = {container = name}}), {}
  for line, source in assert(docker.logs(name, {follow = true})) do
    heard[#heard + 1] = source .. " " .. line
    break
  end
  assert(docker.remove(name, {force = true}))
  for event in events do
    if event.action == "destroy" then break end
    heard[#heard + 1] = event.action
  end
  return {echoed.stdout == sent, echoed.exit_code, failed.stdout, failed.stderr, failed.exit_code, heard[1], #heard > 1}
]]
engine.WENT_BOTH_WAYS = {true, 0, "out\n", "err\n", 7, "stdout one", true}

local LEAVING = [[
  assert(docker.run(web {name = LABEL .. "-left", command = %q}))
  local function sockets()
    local count = 0
    for name in io.popen("ls -l /proc/" .. io.open("/proc/self/stat"):read("n") .. "/fd"):lines() do
      if name:find "socket:" then count = count + 1 end
    end
    return count
  end
  local function follow() return assert(docker[%q](LABEL .. "-left", {%s = true})) end
  local inside, closed = {}, {}
  for _ in follow() do inside[1] = sockets() break end
  closed[1] = inside[1] - sockets()
  pcall(function() for _ in follow() do inside[2] = sockets() error "x" end end)
  closed[2] = inside[2] - sockets()
  local seen = false
  local task = mt.spawn(function() for _ in follow() do seen = true end end)
  repeat mt.sleep(0.01) until seen
  inside[3] = sockets()
  task:cancel()
  mt.sleep(0)
  closed[3] = inside[3] - sockets()
  return closed
]]

--- How many connections a loop over an endless stream gives back when it is left: by break, by error and
--- by cancel. The stream is that of a container made for it, which goes on saying something.
---@param stream "logs"|"stats"
---@param option string what makes it endless
---@return integer[]
function engine.given_back(label, stream, option)
  return engine.value(label, LEAVING:format("sh -c 'while :; do echo x; sleep 0.01; done'", stream, option))
end

--- Asserts on the text of an error: it begins with the first of these and has the others in it.
function engine.reads(err, start, ...)
  if err.text:sub(1, #start) ~= start then error(("it begins otherwise:\n  %s\nnot with\n  %s"):format(err.text, start), 2) end
  for _, words in ipairs {...} do
    if not err.text:find(words, 1, true) then error(("it has no %q:\n  %s"):format(words, err.text), 2) end
  end
end

return engine
