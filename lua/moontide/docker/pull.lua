--- docker.pull: the engine fetches an image.

local auth = require "moontide.docker.auth"
local check = require "moontide.core.check"
local errors = require "moontide.core.errors"
local iterator = require "moontide.docker.iterator"
local reference = require "moontide.docker.spec.image"

local OP = "docker.pull"
local OPTIONS = {progress = "boolean", auth = "table", platform = "string"}

-- The stream, and what the image is then called; nil, err when it cannot begin.
local function open(engine, op, image, given)
  local repository, tag, digest = reference.parts(image)
  tag = digest or tag or "latest" -- without one the engine would pull all there are
  local header, err = auth.header(image, given.auth, op)
  if err then return nil, err end
  local stream
  stream, err = engine:stream {
    op = op, row = "pull", object = image, as = "progress", headers = {header and "X-Registry-Auth: " .. header},
    query = {"fromImage", repository, "tag", tag, given.platform and "platform", given.platform},
  }
  if not stream then return nil, err end
  return stream, repository .. (digest and "@" or ":") .. tag, digest
end

local function has_digest(image, digest)
  for _, known in ipairs(image.RepoDigests or {}) do
    if known:sub(-#digest - 1) == "@" .. digest then return true end
  end
  return image.Id == digest
end

-- A reply of 200 that ends is not yet an image on the engine.
local function verify(engine, op, name, digest)
  local image, err = engine:call {op = op, row = "image", object = name}
  if not image and err.kind ~= "not_found" then return nil, err end
  if image and (not digest or has_digest(image, digest)) then return true end
  return errors.fail(op, "engine", 'image "%s": the engine ended the pull without an error, but does not have the '
    .. "image; look at the engine's log, and pull again", name)
end

local function close(self)
  if self.stream then self.stream:close() end
  self.stream = nil
end

-- The next row of those that are wanted.
local function next_row(self)
  while self.stream do
    local row, err = self.stream:next()
    if row and (self.progress or not row.current) then return row end
    if not row then
      close(self)
      if not err then self.pulled, err = verify(self.engine, self.op, self.name, self.digest) end
      self.err = err
      return nil, err
    end
  end
end

-- true once the image is there, else nil, err. After a close nothing is known of it.
local function wait(self)
  self.progress = false
  repeat until next_row(self) == nil
  if self.pulled then return true end
  if self.err then return nil, self.err end
  return errors.fail(self.op, "cancelled", 'image "%s": the pull was given up before its end', self.name)
end

local new = iterator.class(next_row, close, {wait = wait})

local function start(engine, op, image, given)
  local stream, name, digest = open(engine, op, image, given)
  if not stream then return nil, name end
  return new {
    engine = engine, op = op, stream = stream, name = name, digest = digest, progress = given.progress ~= false,
  }
end

--- docker.pull(image, {progress = true, auth =, platform =}) -> iterator of {status, id, current, total} with the
--- method wait() -> true, or nil, err; nil, err when it cannot begin. A failure in the middle of the loop is raised.
--- No tag means latest. Leaving the loop before its end gives the pull up.
--- progress: false: without the rows that only count bytes. auth: {username, password, identity_token, server};
---   default: what the docker config has for that registry. platform: "linux/arm64".
---@param connection fun(): userdata?, moontide.Error?
local function pull(connection)
  return function(image, options)
    reference.argument(OP, "image", image)
    local given = check.options(OP, options, OPTIONS)
    local engine, err = connection()
    if not engine then return nil, err end
    return start(engine, OP, image, given)
  end
end

--- Pulls an image and waits until it is there.
---@param engine userdata the C connection
---@param op string
---@param name string a good reference
---@param options {auth: moontide.Auth?, platform: string?}?
---@return true?
---@return moontide.Error?
local function image(engine, op, name, options)
  local pulling <close>, err = start(engine, op, name, options or {})
  if not pulling then return nil, err end
  return pulling:wait()
end

return {pull = pull, image = image}
