--- What is typed, as a function: an expression whose values are wanted, or statements. Pure.

local NAME = "=stdin"
local LONG = 64 << 10 -- bytes: once is enough to compile as much

local function is_incomplete(why) return why:sub(-5) == "<eof>" or why:find("near <eof>", 1, true) ~= nil end

--- A list of expressions as a function that returns their values. As the arguments of a call: what is returned
--- directly would be a tail call, which leaves no line of the text in the stack for an error to name.
---@param text string
---@param name string of the chunk
---@return function? chunk nil: it is none
---@return string? why
local function expression(text, name)
  local plain, why = load("return " .. text, name, "t")
  if not plain then return nil, why end
  if #text > LONG then return plain end
  local call = "return (function(...) return ... end)(" .. text
  -- The line feed is for a comment at the end; what is raised is then said to be a line further down.
  return load(call .. ")", name, "t") or load(call .. "\n)", name, "t") or plain
end

--- Compiles text that may go on in the next line.
---@param text string
---@return function? chunk
---@return string? why a message; nil: more lines are needed
---@return string? unfinished what is missing, in case that no line comes
local function compile(text)
  local values, no_expression = expression(text, NAME)
  if values then return values end
  local chunk, no_statement = load(text, NAME, "t")
  if chunk then return chunk end
  if is_incomplete(no_statement) then return nil, nil, no_statement end
  if is_incomplete(no_expression) then return nil, nil, no_expression end
  return nil, no_statement
end

return {compile = compile, expression = expression}
