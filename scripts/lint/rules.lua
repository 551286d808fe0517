-- lint/rules.lua: the project's own rules. Usage: lua5.4 scripts/lint/rules.lua FILE...
-- Which room may include, or require, which; budgets; calls that are never right. Prints one line for
-- each finding and exits with 1 when there is one.

local failed = false

local function finding(file, line, format, ...)
  failed = true
  print(("%s:%d: %s"):format(file, line, format:format(...)))
end

local function order_of(text)
  local order, rank = {}, 0
  for group in text:gmatch("[^|]+") do
    for room in group:gmatch("%S+") do
      rank = rank + 1
      order[room] = rank
    end
  end
  return order
end

-- An include goes only rightwards.
local C_ROOMS = order_of "main host bind task store fleet cgroup docker serve http loop base"

-- Which rooms may include what is not ours. A pattern of the header's name, then the rooms.
local FOREIGN = {
  {"^lua", "host bind task"}, {"^lauxlib", "host bind task"}, {"^curl/", "http"}, {"^uv%.h", "loop http serve"},
  {"^sqlite3", "store"}, {"^microhttpd", "serve"}, {"^json%-c/", "base docker bind"},
}

-- A require goes only rightwards; rooms of one group do not know each other.
local LUA_GROUPS = {
  "cmd lab", "control manager", "act record signals", "driver", "docker http", "decide plan", "core",
}

local BANNED = {
  "strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol", "atof", "system", "popen",
  "mktemp", "tmpnam", "alloca", "setlocale",
}

local LIMITS = {c = 400, h = 80, lua = 250}
local FUNCTION_LIMIT, EXAMPLE_LIMIT = 60, 40

local function has_word(words, word) return (" " .. words .. " "):find(" " .. word .. " ", 1, true) ~= nil end

local function check_include(file, number, text, room)
  local own = text:match('^#include "([^"]+)"')
  local target = own and own:match("^([^/]+)/")
  if target and C_ROOMS[target] and C_ROOMS[target] < C_ROOMS[room] then
    finding(file, number, "%s may not include %s: an include goes only rightwards", room, target)
  end
  local foreign = text:match("^#include <([^>]+)>")
  for _, rule in ipairs(foreign and FOREIGN or {}) do
    if foreign:find(rule[1]) and not has_word(rule[2], room) then
      finding(file, number, "only %s may include <%s>", rule[2], foreign)
    end
  end
end

local function check_banned(file, number, text)
  local code = text:gsub('"[^"]*"', ""):gsub("/%*.*", ""):gsub("^%s*%*.*", ""):gsub("//.*", "")
  for _, name in ipairs(BANNED) do
    if code:find("%f[%w_]" .. name .. "%s*%(") then finding(file, number, "%s is banned", name) end
  end
end

local function check_c(file, lines)
  local room = file:match("^src/([^/]+)/") or (file == "src/main.c" and "main")
  local start
  for number, text in ipairs(lines) do
    if room then check_include(file, number, text, room) end
    check_banned(file, number, text)
    if text:find("^[%a_].*%) {$") or (text:find("^ .*%) {$") and not start
      and lines[number - 1]:find("^[%a_].*,$")) then
      start = number
    elseif text == "}" and start then
      if number - start + 1 > FUNCTION_LIMIT then
        finding(file, start, "the function has %d lines (limit %d)", number - start + 1, FUNCTION_LIMIT)
      end
      start = nil
    end
  end
end

local function lua_rank(module)
  local room = module:match("^moontide%.([^.]+)")
  for rank, rooms in ipairs(LUA_GROUPS) do
    if room and has_word(rooms, room) then return rank, room end
  end
  return module == "moontide" and 0 or nil, room
end

local function check_require(file, number, text)
  local own = file:match("^lua/(moontide.*)%.lua$"):gsub("/init$", ""):gsub("/", ".")
  local rank, room = lua_rank(own)
  for target in text:gmatch('require%s*%(?"(moontide[^"]*)"') do
    local target_rank, target_room = lua_rank(target)
    -- "moontide" itself is what scripts see: only cmd hands it to them.
    local allowed = target_rank == nil or room == target_room or rank < target_rank
      or (target_rank == 0 and rank == 1)
    if not allowed then finding(file, number, "%s may not require %s: rooms require only rightwards", own, target) end
    if room and has_word("decide plan", room) and target:find("^moontide%.c%.") then
      finding(file, number, "%s is pure and may not require %s", own, target)
    end
  end
end

local function read_lines(file)
  local lines = {}
  for text in io.lines(file) do lines[#lines + 1] = text end
  return lines
end

for _, file in ipairs(arg) do
  local lines = read_lines(file)
  local limit = LIMITS[file:match("%.(%w+)$")]
  if file:find("^examples/") then limit = EXAMPLE_LIMIT end
  if file:find("^spec/") then limit = nil end
  if limit and #lines > limit then finding(file, 1, "%d lines (limit %d)", #lines, limit) end
  if file:find("^src/.*%.[ch]$") then check_c(file, lines) end
  if file:find("^lua/moontide/.*%.lua$") or file == "lua/moontide/init.lua" then
    for number, text in ipairs(lines) do check_require(file, number, text) end
  end
end

os.exit(not failed)
