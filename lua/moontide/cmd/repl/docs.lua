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

local function find(rows, fits)
  for _, row in ipairs(rows) do
    if fits(row.name) then return row end
  end
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

--- The page of a name. The end of one will do: "list", "docker.list", "Spec".
---@param name string
---@return string? page
---@return string? why a message
local function page(name)
  local pages = reference()
  if name == "" then return table.concat(names(), "\n") end
  local ending = "[.:]" .. name:gsub("%p", "%%%0") .. "$"
  local function is_it(other) return other == name end
  local function ends(other) return other:find(ending) ~= nil end
  local row = find(pages.functions, is_it) or find(pages.classes, is_it)
  if row then return row.text end
  local list = members(pages, name) or members(pages, "mt." .. name)
  if list then return list end
  row = find(pages.functions, ends) or find(pages.classes, ends)
  if row then return row.text end
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
