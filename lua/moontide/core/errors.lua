--- The error value of the world's failures: what every function that can fail returns after nil.
--- A caller's mistake is none of these: it raises (moontide.core.check).

---@alias moontide.ErrorKind
---| "invalid"    the engine refused what was asked
---| "not_found"
---| "conflict"
---| "denied"
---| "transport"  nobody answered, or in no language that we know
---| "timeout"
---| "cancelled"
---| "engine"     the engine failed by itself
---| "script"     a policy or a hook failed

---@class moontide.Error
---@field kind moontide.ErrorKind
---@field op string? what was tried: "docker.start"
---@field message string what happened, to what, why, and what to do next
---@field status integer? HTTP status, when there was one
---@field next string what a caller that retries does: "give_up", "done", "retry", "wait", "relist"

local KINDS = {
  invalid = true, not_found = true, conflict = true, denied = true, transport = true,
  timeout = true, cancelled = true, engine = true, script = true,
}

-- Bytes that can need an escape; text without any of them is returned as it is.
local SUSPECT = "[\0-\31\127-\255]"

-- What is valid UTF-8 and still drives a terminal: C1 controls, marks and overrides of direction,
-- line and paragraph separators.
local function drives_terminal(code)
  return code < 0x20 or code >= 0x7f and code <= 0x9f or code >= 0x200e and code <= 0x200f
    or code >= 0x2028 and code <= 0x202e or code >= 0x2066 and code <= 0x2069
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("\\x%02x"):format(byte:byte()) end))
end

--- Makes text of others safe to print: bytes that could drive a terminal, or are no valid UTF-8,
--- are written as \xHH.
---@param text string
---@return string
local function escape(text)
  local at = text:find(SUSPECT)
  if not at then return text end
  local out = {text:sub(1, at - 1)}
  while at <= #text do
    local valid = utf8.len(text, at, at)
    local last = valid and utf8.offset(text, 2, at) - 1 or at
    local bytes = text:sub(at, last)
    local shown = valid and not drives_terminal(utf8.codepoint(text, at))
    out[#out + 1] = shown and bytes or hex(bytes)
    at = last + 1
  end
  return table.concat(out)
end

--- C takes this metatable over for its own errors.
local metatable = {__name = "moontide.error"}

function metatable.__tostring(err)
  local message = tostring(rawget(err, "message"))
  local op = rawget(err, "op")
  return op and ("%s: %s"):format(op, message) or message
end

---@param kind moontide.ErrorKind
---@param op string? what was tried: "docker.start"
---@param message string
---@param extra {status: integer?, next: string?}? next: default "give_up"
---@return moontide.Error
local function new(kind, op, message, extra)
  assert(KINDS[kind], "errors.new: unknown kind of error")
  extra = extra or {}
  return setmetatable({
    kind = kind, op = op, message = message,
    status = extra.status, next = extra.next or "give_up",
  }, metatable)
end

---@param value any
---@return boolean
local function is(value)
  return type(value) == "table" and getmetatable(value) == metatable
end

--- The one line that ends a function: `return errors.fail(op, "not_found", "no image %s", name)`.
---@param op string?
---@param kind moontide.ErrorKind
---@param format string as string.format; strings among the arguments are escaped
---@return nil
---@return moontide.Error
local function fail(op, kind, format, ...)
  local arguments = table.pack(...)
  for i = 1, arguments.n do
    if type(arguments[i]) == "string" then arguments[i] = escape(arguments[i]) end
  end
  return nil, new(kind, op, format:format(table.unpack(arguments, 1, arguments.n)))
end

return {new = new, is = is, fail = fail, escape = escape, metatable = metatable}
