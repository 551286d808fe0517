--- Who we are to a registry: given by the caller, or by the docker config and its helpers.

local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local registry = require "moontide.c.registry"

local HELPER_TIME = 10 -- s; docker waits for ever, for a keychain that wants to be unlocked perhaps
local OUTPUT_MAX = 1 << 20
local SHOWN = 200

local GIVEN = {username = "string", password = "string", identity_token = "string", server = "string"}

---@class moontide.Auth
---@field username string? with password
---@field password string?
---@field identity_token string? instead of both
---@field server string? what the registry calls itself; default: the one in the image's name

-- The header of what the caller has given.
local function from_given(op, image, given)
  local fields = check.options(op, given, GIVEN, {path = "auth"})
  if fields.identity_token then
    if fields.username or fields.password then
      check.refuse(op, "auth.identity_token", "stands instead of username and password: leave one of them out")
    end
  elseif not fields.username then
    check.refuse(op, "auth.username", "is missing; give it and password, or identity_token")
  elseif not fields.password then
    check.refuse(op, "auth.password", "is missing; give it with username")
  end
  for _, name in ipairs {"identity_token", "password", "server", "username"} do
    if fields[name] == "" then check.refuse(op, "auth." .. name, "must not be empty") end
  end
  fields.server = fields.server or registry.key(image)
  return registry.encode(fields)
end

-- What a helper says went wrong: it prints that to its standard output. Never what looks as if it
-- were the credentials.
local function complaint(result)
  for _, text in ipairs {result.out, result.err} do
    local line = text:match("[^%s][^\r\n]*")
    if line and not text:find("[{}]") then return (": %s"):format(line:sub(1, SHOWN)) end
  end
  return ""
end

local function is_unknown(result)
  return (result.out .. result.err):lower():find("credentials not found", 1, true) ~= nil
end

-- Why the program could not be run to its end.
local function explain(op, program, key, err)
  if err.kind == "not_found" then
    return errors.fail(op, "not_found",
      "there is no program %s in PATH, which the docker config wants asked for the credentials for \"%s\"; "
      .. "install it, or remove it from \"credsStore\" and \"credHelpers\"", program, key)
  elseif err.kind == "timeout" then
    return errors.fail(op, "timeout",
      "%s, asked for the credentials for \"%s\", did not end within %d s; it may wait for a keychain to be "
      .. "unlocked: try: echo %s | %s get", program, key, HELPER_TIME, key, program)
  end
  return errors.fail(op, err.kind, "cannot ask %s for the credentials for \"%s\": %s", program, key, err.message)
end

-- The header of what a helper knows, nil when it knows nothing.
local function from_helper(op, helper, key)
  local child = require "moontide.c.child" -- most configs have no helper
  local program = "docker-credential-" .. helper
  local result, err = child.run {
    argv = {program, "get"}, input = key, timeout = HELPER_TIME, max_output = OUTPUT_MAX,
  }
  if not result then return explain(op, program, key, err) end
  if result.code == 0 then return registry.read(op, helper, key, result.out) end
  if is_unknown(result) then return nil end
  local how = result.signal and result.signal ~= 0 and ("was ended by signal %d"):format(result.signal)
    or ("ended with exit code %d"):format(result.code)
  return errors.fail(op, "invalid", "%s, asked for the credentials for \"%s\", %s%s; try: echo %s | %s get",
    program, key, how, complaint(result), key, program)
end

--- The value of X-Registry-Auth for that image's registry.
---@param image string "registry:5000/team/web:1.2"
---@param given moontide.Auth? wins over the docker config; a mistake in it raises
---@param op string? default "docker.pull"
---@return string? header nil: nothing is known, pull as anybody
---@return moontide.Error? err the docker config or its helper failed; its message shows no secret
local function header(image, given, op)
  op = op or "docker.pull"
  if given ~= nil then return from_given(op, image, given) end
  local found, err = registry.find(op, image)
  if not found then return nil, err end
  if found.helper then return from_helper(op, found.helper, found.key) end
  return found.header
end

return {header = header}
