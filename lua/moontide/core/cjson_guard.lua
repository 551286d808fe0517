--- cjson.encode overflows its buffer for strings of 358 MB and more (CVE-2022-24834, open in Debian's
--- 2.1.0), and ends the process for documents of over 1 GiB, which a small table is when it holds one
--- string many times: it gets nothing over 64 MiB.

local check = require "moontide.core.check"

local LIMIT = 64 * 1024 * 1024
local TOO_LONG = "the document is longer than 64 MiB; write it in parts"

-- What is left of so many bytes when the value has been written, at least; below 0: it does not fit.
local function fit(value, left, depth)
  if type(value) == "string" then return left - #value end
  if type(value) ~= "table" or depth == 0 then return left - 1 end
  left = left - 2
  for key, item in next, value do
    left = fit(item, fit(key, left, depth - 1), depth - 1)
    if left < 0 then break end
  end
  return left
end

--- Replaces the module's encode, also in the modules that its `new` makes.
---@param cjson table as luaopen_cjson or luaopen_cjson_safe makes it
---@param safe boolean failures are nil, text, as in cjson.safe; else they raise
---@return table cjson
local function guard(cjson, safe)
  local new, encode, max_depth = cjson.new, cjson.encode, cjson.encode_max_depth

  local function results(ok, ...)
    if not ok then check.fail("cjson.encode", "%s", (...)) end
    return ...
  end

  local function guarded(...)
    if fit((...), LIMIT, max_depth()) >= 0 then return results(pcall(encode, ...)) end
    if safe then return nil, TOO_LONG end
    check.fail("cjson.encode", TOO_LONG)
  end

  cjson.encode = guarded
  cjson.new = function() return guard(new(), safe) end
  return cjson
end

return guard
