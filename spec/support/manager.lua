--- Scripts with a manager, what the engine has of their images, and what their receiver heard.

local assert = require "luassert"
local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"
local http_server = require "spec.support.http_server"

local manager = {}

local LABEL = "manager"
local PREAMBLE = [[
local m = mt.manager {stop_timeout = 2}
local CALLBACK = %q
-- The image by a name of its own, so that tests do not meet.
local function image(name, of)
  assert(docker.tag(of or "moontide/web", "parity/" .. name .. ":1"))
  return "parity/" .. name .. ":1"
end
local function names(list)
  local found = {}
  for i, one in ipairs(list) do found[i] = one.name end
  return found
end
local function keys(of)
  local found = {}
  for key in pairs(of) do found[#found + 1] = key end
  table.sort(found)
  return table.concat(found, " ")
end
]]

--- Before the first test.
function manager.setup() manager.receiver = http_server.start() end

--- What a function with that body returns: `m`, `docker`, CALLBACK, image(name), names(list), keys(table).
function manager.value(code)
  return engine.value(LABEL, PREAMBLE:format(manager.receiver.url .. "/body/0") .. code)
end

--- As engine.ask, with a receiver's path.
function manager.ask(path, code) return engine.ask(LABEL, PREAMBLE:format(manager.receiver.url .. path) .. code) end

--- What the engine has of an image, the oldest first.
function manager.of_image(image)
  local _, list = engine.api("GET", ('/containers/json?all=1&filters={"label":["orchestrator.image=parity/%s:1"]}'):format(image))
  table.sort(list, function(a, b) return a.Created < b.Created end)
  return list
end

--- What the receiver heard since it was last asked.
function manager.heard()
  local text = host.script(("io.write(mt.http.get(%q).body)"):format(manager.receiver.url .. "/posts")).out
  local list = {}
  for request in text:gmatch("[^%z]+") do list[#list + 1] = cjson.decode(request:match("\r\n\r\n(.*)$")) end
  return list
end

--- A container that is made beside moontide: by hand, by the original, by a service. It runs.
---@return string id
function manager.make(name, labels)
  local body = {Image = "moontide/web", Labels = labels}
  body.Labels.spec = LABEL
  local status, made = engine.api("POST", "/containers/create?name=" .. name, body)
  assert.are.equal(201, status)
  assert.are.equal(204, (engine.api("POST", ("/containers/%s/start"):format(made.Id))))
  return made.Id
end

--- Removes all containers and images of the tests.
function manager.clean()
  engine.clean(LABEL)
  local _, list = engine.api("GET", '/containers/json?all=1&filters={"label":["orchestrator.image"]}')
  for _, container in ipairs(list) do engine.api("DELETE", "/containers/" .. container.Id .. "?force=1&v=1") end
  local _, images = engine.api("GET", "/images/json")
  for _, image in ipairs(images) do
    for _, tag in ipairs(image.RepoTags or {}) do
      if tag:find("^parity/") then engine.api("DELETE", "/images/" .. tag) end
    end
  end
end

--- After the last test.
function manager.teardown()
  manager.receiver:stop()
  manager.clean()
end

return manager
