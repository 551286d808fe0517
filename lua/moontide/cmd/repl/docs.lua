--- What :doc tells: the definitions (lua/moontide/meta), embedded as a table when the program is built.

local near = require "moontide.core.near"

local function reference()
  local ok, pages = pcall(require, "moontide.cmd.repl.reference")
  return ok and pages or {functions = {}, classes = {}}
end

--- All that is documented.
---@return string[] names "mt.docker.list", "task:join", "moontide.Spec"
local function names()
  local list, pages = {}, reference()
  for _, row in ipairs(pages.functions) do list[#list + 1] = row.name end
  for _, row in ipairs(pages.classes) do list[#list + 1] = row.name end
  return list
end

-- The names behind "mt.docker": "ping", "list", ...
local function members(pages, prefix)
  local list = {}
  for _, row in ipairs(pages.functions) do
    local rest = row.name:match("^" .. prefix:gsub("%p", "%%%0") .. "[.:]([%w_]+)$")
    if rest then list[#list + 1] = row.signature end
  end
  return list[1] and table.concat(list, "\n")
end

-- The page of a row, and how others are called that end with the same word: mt's first.
local function pages_of(rows)
  table.sort(rows, function(a, b)
    local own_a, own_b = a.name:find("^mt%.") ~= nil, b.name:find("^mt%.") ~= nil
    if own_a ~= own_b then return own_a end
    return a.name < b.name
  end)
  local others = {}
  for i = 2, #rows do others[#others + 1] = rows[i].name end
  return rows[1].text .. (others[1] and "\nalso: " .. table.concat(others, ", ") or "")
end

local function ending_with(pages, name)
  local ending, rows = "[.:]" .. name:gsub("%p", "%%%0") .. "$", {}
  for _, list in ipairs {pages.functions, pages.classes} do
    for _, row in ipairs(list) do
      if row.name:find(ending) then rows[#rows + 1] = row end
    end
  end
  return rows
end

local function exactly(pages, name)
  for _, list in ipairs {pages.functions, pages.classes} do
    for _, row in ipairs(list) do
      if row.name == name then return row.text end
    end
  end
end

--- The page of a name. The end of one will do: "list", "docker.list", "Spec".
---@param name string
---@return string? page
---@return string? why a message
local function page(name)
  local pages = reference()
  if name == "" then return table.concat(names(), "\n") end
  local text = exactly(pages, name) or members(pages, name) or members(pages, "mt." .. name)
  if text then return text end
  local rows = ending_with(pages, name)
  if rows[1] then return pages_of(rows) end
  local words = {}
  for i, other in ipairs(names()) do words[i] = other:match("[%w_]+$") end
  local meant = near.nearest(name:match("[%w_]*$"), words)
  return nil, ('nothing is known of "%s"%s; :doc lists all'):format(name,
    meant and (' (did you mean "%s"?)'):format(meant) or "")
end

--- How a documented function is called. A part of mt that nobody has used is not loaded for this.
---@param fn function
---@param mt table
---@return string? signature nil: it is not documented
local function signature(fn, mt)
  for _, row in ipairs(reference().functions) do
    local path = row.name:match("^mt%.([%w_.]+)$")
    local value = path and mt
    for name in (path or ""):gmatch("[%w_]+") do value = type(value) == "table" and rawget(value, name) or nil end
    if value == fn then return row.signature end
  end
end

return {names = names, page = page, signature = signature}
