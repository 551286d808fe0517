--- A registry of the engine's, at 127.0.0.1:5000, by scripts/registry.sh.
---
---   local it = registry.start("me", "secret")
---   it:push("moontide/web", "web:1")        -- now to be had as it:name "web:1", and gone from the engine
---   it:stop()

local cjson = require "cjson"
local engine = require "spec.support.engine"
local host = require "spec.support.host"

local registry = {}
registry.__index = registry

--- Base64.
---@param last string? the last two of its letters, default "+/"
function registry.base64(text, last)
  return host.shell("base64 -w0 | tr +/ " .. (last or "+/"), {stdin = text}).out
end

local function run(command)
  local result = host.shell(command)
  if result.code ~= 0 then error(result.err, 3) end
  return result.out
end

--- Up when it returns.
---@param user string? with `password`: who may push and pull; default: everybody
function registry.start(user, password)
  local directory = os.getenv("MOONTIDE_ENGINE_DIR"):gsub("[^/]*$", "registry")
  local self = setmetatable({directory = directory, user = user, password = password}, registry)
  self:again()
  return self
end

--- Starts it after a kill.
function registry:again()
  self.address = run(("scripts/registry.sh start '%s' %s %s"):format(self.directory, self.user or "", self.password or ""))
    :gsub("\n", "")
end

--- The image's name here.
function registry:name(image) return self.address .. "/" .. image end

--- Pushes an image that the engine has.
---@param image string "moontide/web"
---@param as string "web:1"
function registry:push(image, as)
  local repository, tag = as:match("^(.*):(.*)$")
  local name = self:name(repository)
  engine.api("POST", ("/images/%s/tag?repo=%s&tag=%s"):format(image, name, tag))
  local auth = registry.base64(cjson.encode {username = self.user, password = self.password}, "-_")
  local said = run(("curl -sS -X POST -H 'X-Registry-Auth: %s' --unix-socket '%s' 'http://engine/images/%s/push?tag=%s'")
    :format(auth, os.getenv("DOCKER_HOST"):match("^unix://(.*)$"), name, tag))
  if not said:find('"Digest"', 1, true) then error(said, 2) end
  engine.api("DELETE", "/images/" .. self:name(as))
end

--- Holds loopback to that rate; nil: no longer.
---@param rate string? "30mbit"
function registry.slow(rate) run("scripts/registry.sh slow " .. (rate or 0)) end

--- What a shell runs to end it in the middle of something.
function registry:killer() return ("scripts/registry.sh kill '%s'"):format(self.directory) end

function registry:stop() run(("scripts/registry.sh rm '%s'"):format(self.directory)) end

return registry
