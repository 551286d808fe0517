--- cjson.encode overflows its buffer for strings of 358 MB and more (CVE-2022-24834, open in Debian's
--- 2.1.0): it gets none over 64 MiB.

local LIMIT = 64 * 1024 * 1024

local function refuse_long(value, seen)
  if type(value) == "string" and #value > LIMIT then
    error("cjson.encode: a string is longer than 64 MiB", 0)
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for key, item in next, value do
      refuse_long(key, seen)
      refuse_long(item, seen)
    end
  end
end

local function guarded(encode)
  return function(value)
    -- There can be no such string in a state that is smaller than one.
    if collectgarbage("count") * 1024 > LIMIT then refuse_long(value, {}) end
    return encode(value)
  end
end

local function guard(cjson)
  local new = cjson.new
  cjson.encode = guarded(cjson.encode)
  cjson.new = function() return guard(new()) end
  return cjson
end

return guard
