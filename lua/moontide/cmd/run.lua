--- moontide run FILE [ARG...]: a script, in its own task. It lives while anything of it can happen.

local script = require "moontide.cmd.script"

local function declare(parser)
  parser:argument("file", 'The script; "-" is standard input.')
end

local function run(options)
  return script.run_file(options.file, options.rest)
end

return {
  name = "run", description = "Runs a Lua script. What follows FILE are its arguments (`arg`, `...`).",
  script = true, declare = declare, run = run,
}
