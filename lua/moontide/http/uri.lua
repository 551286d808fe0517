--- What a request's target says: percent-decoding, segments, the query; pure.

-- Bytes of "%xx"; nil when a "%" is followed by anything else.
local function unescape(text)
  if not text:find("%", 1, true) then return text end
  if text:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Percent-decoding. What no name needs is refused: NUL and other control characters, bytes that are
--- no UTF-8.
---@param text string
---@return string? decoded nil: it cannot be
local function decode(text)
  local decoded = unescape(text)
  if not decoded or decoded:find("[%c\127]") or not utf8.len(decoded) then return nil end
  return decoded
end

-- Whether a decoded segment, or a part of it between slashes of either kind, climbs.
local function climbs(segment)
  for part in segment:gmatch("[^/\\]+") do
    if part == "." or part == ".." then return true end
  end
  return false
end

--- A path in its decoded segments: "/a/b%20c" is {"a", "b c"}, "/" is {}.
---@param path string
---@return string[]? segments nil: it does not begin with "/", or a segment is "." or "..", or cannot be decoded
local function segments(path)
  local list = {}
  if path:sub(1, 1) ~= "/" then return nil end
  if path == "/" then return list end
  for raw in path:gmatch("/([^/]*)") do
    local segment = decode(raw)
    if not segment or climbs(segment) then return nil end
    list[#list + 1] = segment
  end
  return list
end

--- A query: "a=1&b=x+y" is {a = "1", b = "x y"}; the last of several of one name counts.
---@param text string without the "?"
---@return table<string, string>? values nil: something in it cannot be decoded
local function query(text)
  local values = {}
  for pair in text:gmatch("[^&]+") do
    local name, value = pair:gsub("+", " "):match("^([^=]*)=?(.*)$")
    name, value = decode(name), decode(value)
    if not name or not value then return nil end
    values[name] = value
  end
  return values
end

return {decode = decode, segments = segments, query = query}
