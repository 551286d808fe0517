-- reference.lua: the definitions of lua/moontide/meta as a Lua table, for the REPL's :doc.
--
--   lua5.4 scripts/reference.lua FILE... >reference.lua
--
-- {functions = {{name, signature, text}}, classes = {{name, text}}}, in order of the alphabet. A function's name is the
-- way to it: "mt.docker.list", where mt has it, else its variable's: "task:join".

local classes, functions, paths = {}, {}, {}

local function class(name)
  classes[name] = classes[name] or {name = name, text = {}, fields = {}}
  return classes[name]
end

local function words(comment)
  local text = {}
  for _, line in ipairs(comment) do text[#text + 1] = line:match("^%-%-%- (.+)$") end
  return text
end

-- "---@param name? type text" as {name = "name?", type =, text =}; "---@return type name text" likewise.
local function tagged(comment, tag)
  local rows = {}
  for _, line in ipairs(comment) do
    local first, second, text = line:match("^%-%-%-@" .. tag .. " (%S+) (%S+) ?(.*)$")
    if first and tag == "return" then first, second = second, first end
    if first then rows[#rows + 1] = {name = first, type = second, text = text} end
  end
  return rows
end

local function read(path)
  local comment, current, variables = {}, nil, {}
  for line in io.lines(path) do
    local name, kind, text = line:match("^%-%-%-@field (%S+) (%S+) ?(.*)$")
    local of, separator, method = line:match("^function (%w+)([.:])([%w_]+)%b() end$")
    if line:find("^%-%-%-@class") then
      current = line:match("^%-%-%-@class ([%w.]+)")
      table.move(words(comment), 1, #comment, #class(current).text + 1, class(current).text)
    elseif name then
      table.insert(class(current).fields, {name = name, type = kind, text = text})
    elseif line:find("^local %w+ = {}$") then
      variables[line:match("^local (%w+)")] = current
    elseif of then
      functions[#functions + 1] = {
        of = variables[of], variable = of, separator = separator, method = method, text = words(comment),
        params = tagged(comment, "param"), returns = tagged(comment, "return"),
      }
    end
    if line:find("^%-%-%-") then comment[#comment + 1] = line else comment = {} end
  end
end

local function find_paths(name, path)
  paths[name] = path
  for _, field in ipairs(class(name).fields) do
    if classes[field.type] and not paths[field.type] then find_paths(field.type, path .. "." .. field.name) end
  end
end

local function optional(row) return row.name .. (row.type:find("%?$") and "?" or "") end

local function signature(fn, name)
  local given, back = {}, {}
  for i, row in ipairs(fn.params) do given[i] = row.name end
  for i, row in ipairs(fn.returns) do back[i] = optional(row) end
  return ("%s(%s)%s"):format(name, table.concat(given, ", "), back[1] and " -> " .. table.concat(back, ", ") or "")
end

local function lines_of(rows, indent, out)
  for _, row in ipairs(rows) do
    out[#out + 1] = ("%s%s  %s%s"):format(indent, row.name, row.type, row.text ~= "" and "  " .. row.text or "")
    local options = classes[row.type:match("^[%w.]+")]
    if options and row.name:find("^options") then lines_of(options.fields, indent .. "  ", out) end
  end
end

local function function_text(fn)
  local out = {fn.signature}
  for _, line in ipairs(fn.text) do out[#out + 1] = "  " .. line end
  lines_of(fn.params, "  ", out)
  lines_of(fn.returns, "  -> ", out)
  return table.concat(out, "\n")
end

local function class_text(row)
  local out = {row.name}
  for _, line in ipairs(row.text) do out[#out + 1] = "  " .. line end
  lines_of(row.fields, "  ", out)
  return table.concat(out, "\n")
end

for _, path in ipairs(arg) do read(path) end
find_paths("moontide", "mt")

local function by_name(a, b) return a.name < b.name end

for _, fn in ipairs(functions) do
  fn.name = (paths[fn.of] or fn.variable) .. fn.separator .. fn.method
  fn.signature = signature(fn, fn.name)
end
table.sort(functions, by_name)
local shown = {}
for _, row in pairs(classes) do
  if #row.fields > 0 and not paths[row.name] then shown[#shown + 1] = row end
end
table.sort(shown, by_name)

io.write("return {functions = {\n")
for _, fn in ipairs(functions) do
  io.write(("{name = %q, signature = %q, text = %q},\n"):format(fn.name, fn.signature, function_text(fn)))
end
io.write("}, classes = {\n")
for _, row in ipairs(shown) do io.write(("{name = %q, text = %q},\n"):format(row.name, class_text(row))) end
io.write("}}\n")
