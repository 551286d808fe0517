--- What the word at the cursor may become. Pure: it looks into `world` and calls nothing of the user's.

---@class moontide.CompletionWorld
---@field globals table
---@field commands string[] "help"
---@field names string[] what :doc knows
---@field files fun(directory: string): string[] those of directories end with "/"
---@field containers fun(): string[] names and ids; as far as they are known

local KEYWORDS = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
  "not", "or", "repeat", "return", "then", "true", "until", "while",
}
local MAX_CHAIN = 10
local MAX_WORDS = 2000

-- Those that begin like that, each once, in order.
local function matching(list, typed)
  local found, seen = {}, {}
  for _, word in ipairs(list) do
    local fits = word:sub(1, #typed) == typed and (typed ~= "" or word:sub(1, 1) ~= "_")
    if fits and not seen[word] and #found < MAX_WORDS then
      seen[word] = true
      found[#found + 1] = word
    end
  end
  table.sort(found)
  return found
end

-- The table that holds what is not in the value itself; nil when a function decides.
local function behind(value)
  local meta = debug.getmetatable(value)
  local index = meta and rawget(meta, "__index")
  return type(index) == "table" and index or nil
end

-- Tables that list themselves may be indexed; whatever else has an __index function may not.
local function listed(value)
  local meta = type(value) == "table" and debug.getmetatable(value)
  return meta and rawget(meta, "__names")
end

local function field(value, key)
  for _ = 1, MAX_CHAIN do
    if listed(value) then
      local ok, found = pcall(function() return value[key] end)
      return ok and found or nil
    end
    if type(value) == "table" and rawget(value, key) ~= nil then return rawget(value, key) end
    value = behind(value)
    if value == nil then return nil end
  end
end

local function fields(value, methods)
  local names = {}
  local function add(of)
    for key, item in next, of do
      local wanted = not methods or type(item) == "function"
      if wanted and type(key) == "string" and key:find("^[%a_][%w_]*$") then names[#names + 1] = key end
      if #names >= MAX_WORDS * 5 then return end
    end
  end
  local names_of = not methods and listed(value)
  if names_of then table.move(names_of(), 1, #names_of(), 1, names) end
  for _ = 1, MAX_CHAIN do
    if type(value) == "table" then add(value) end
    value = behind(value)
    if value == nil then break end
  end
  return names
end

-- The words behind a path: "mt.docker." or "web:" or "".
local function of_path(path, world)
  if path == "" then
    local names = fields(world.globals)
    return table.move(KEYWORDS, 1, #KEYWORDS, #names + 1, names)
  end
  local value = world.globals
  for name in path:gmatch("[^.:]+") do
    value = field(value, name)
    if value == nil then return {} end
  end
  return fields(value, path:sub(-1) == ":")
end

-- What stands behind the quotation mark that is open; nil when none is, false in a comment.
local function in_quotes(text)
  local at, open = 1, nil
  while true do
    local from, to = text:find(open and "[\\" .. open.mark .. "]" or "[\"'%-]", at)
    if not from then break end
    local mark = text:sub(from, from)
    if open then
      if mark ~= "\\" then open = nil else to = to + 1 end
    elseif mark == "-" then
      if text:sub(from, from + 1) == "--" then return false end
    else
      open = {mark = mark, from = to + 1}
    end
    at = to + 1
  end
  return open and text:sub(open.from) or nil
end

local function expression(text, world)
  local quoted = in_quotes(text)
  if quoted == false then return {}, "" end
  if quoted then return matching(world.containers(), quoted), quoted end
  local whole = text:match("[%a_][%w_.:]*$") or ""
  if text:sub(1, #text - #whole):find("[.:%])]$") then return {}, whole end -- of a value that is not known yet
  whole = whole:match("%.%.([%w_.:]*)$") or whole -- "a..b": two
  local path, typed = whole:match("^(.*[.:])([%w_]*)$")
  if whole == "" then return {}, "" end
  return matching(of_path(path or "", world), typed or whole), typed or whole
end

local function files(typed, world)
  local directory, start = typed:match("^(.*/)([^/]*)$")
  local found = {}
  for _, name in ipairs(world.files(directory or ".")) do
    if name:sub(1, 1) ~= "." or (start or typed):sub(1, 1) == "." then found[#found + 1] = (directory or "") .. name end
  end
  return matching(found, typed)
end

--- The words that the end of the text may become.
---@param text string the line up to the cursor
---@param world moontide.CompletionWorld
---@return string[] words in order
---@return string typed the end of the text that they begin with
local function complete(text, world)
  local command, rest = text:match("^%s*:(%a*)(.*)$")
  if not command then return expression(text, world) end
  if rest == "" then return matching(world.commands, command), command end
  local typed = rest:match("^%s+(.*)$")
  if command == "load" and typed then return files(typed, world), typed end
  if command == "doc" and typed then return matching(world.names, typed), typed end
  return expression(rest, world)
end

--- The longest beginning that all words have.
---@param words string[] at least one
---@return string
local function common(words)
  local prefix = words[1]
  for _, word in ipairs(words) do
    while word:sub(1, #prefix) ~= prefix do prefix = prefix:sub(1, -2) end
  end
  while prefix ~= "" and not utf8.len(prefix) do prefix = prefix:sub(1, -2) end
  return prefix
end

return {complete = complete, common = common}
