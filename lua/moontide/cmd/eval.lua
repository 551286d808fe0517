--- moontide eval 'LUA': a piece of Lua; the values of an expression are printed.

local script = require "moontide.cmd.script"

local function declare(parser)
  parser:argument("code", "Lua statements, or an expression, whose values are printed.")
end

local function run(options)
  return script.run_text(options.code, options.rest, options.json)
end

return {
  name = "eval", description = "Runs a piece of Lua. What follows CODE are its arguments (`arg`, `...`).",
  script = true, declare = declare, run = run,
}
