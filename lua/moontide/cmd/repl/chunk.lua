--- What is typed, as a function: an expression whose values are wanted, or statements. Pure.

local NAME = "=stdin"

local function is_incomplete(why) return why:sub(-5) == "<eof>" or why:find("near <eof>", 1, true) ~= nil end

--- Compiles text that may go on in the next line.
---@param text string
---@return function? chunk
---@return string? why a message; nil: more lines are needed
---@return string? unfinished what is missing, in case that no line comes
local function compile(text)
  -- As the arguments of a call: what is returned directly would be a tail call, which leaves no line of
  -- the text in the stack for an error to name.
  local plain, no_expression = load("return " .. text, NAME, "t")
  if plain then
    return load("return (function(...) return ... end)(" .. text .. "\n)", NAME, "t") or plain
  end
  local chunk, no_statement = load(text, NAME, "t")
  if chunk then return chunk end
  if is_incomplete(no_statement) then return nil, nil, no_statement end
  if is_incomplete(no_expression) then return nil, nil, no_expression end
  return nil, no_statement
end

return {compile = compile}
