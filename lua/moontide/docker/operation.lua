--- A function of mt.docker that is one call of the engine, made from a row of data.

local check = require "moontide.core.check"

---@class moontide.Operation
---@field arguments {[1]: string, [2]: fun(op: string, name: string, value: any): any}[]? names and
---  checks of what comes before the options; the first one is what the call is about
---@field options table<string, any>? as check.options has them; default: none are known
---@field required string[]? options that must be there
---@field row string? of src/docker/rows.c; default: the function's name
---@field as string? the shape of the reply
---@field send fun(op: string, given: table, ...: any): table? the checked options and arguments ->
---  query=, body=, headers=, timeout=, object= of the call
---@field take fun(reply: any, given: table, ...: any): any the reply -> the function's result

local function checked(op, arguments, ...)
  local values = {}
  for i, argument in ipairs(arguments) do values[i] = argument[2](op, argument[1], (select(i, ...))) end
  return values
end

-- What may be long comes in pieces: neither its text nor all of its trees are ever held.
local PIECES = {summaries = true, bytes = true}

--- One call of the engine.
---@param engine userdata
---@param call table as engine:call has it
---@return any reply; nil, err
local function ask(engine, call)
  if not PIECES[call.as] then return engine:call(call) end
  local stream <close>, err = engine:stream(call)
  if not stream then return nil, err end
  return stream:collect()
end

--- The function of a row.
---@param connection fun(): userdata?, moontide.Error?
---@param name string of the function: "start"
---@param row moontide.Operation
---@return function
local function of(connection, name, row)
  local op, arguments, rules = "docker." .. name, row.arguments or {}, {required = row.required}
  return function(...)
    local values = checked(op, arguments, ...)
    local given = check.options(op, (select(#arguments + 1, ...)), row.options or {}, rules)
    local call = row.send and row.send(op, given, table.unpack(values)) or {}
    local engine, err = connection()
    if not engine then return nil, err end
    call.op, call.row, call.as, call.object = op, row.row or name, row.as, call.object or values[1]
    local reply
    reply, err = ask(engine, call)
    if reply == nil then return nil, err end
    if row.take then return row.take(reply, given, table.unpack(values)) end
    return reply
  end
end

return {of = of, ask = ask}
