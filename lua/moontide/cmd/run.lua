--- moontide run FILE [ARG...]: a script, in its own task. It lives while anything of it can happen.

local errors = require "moontide.core.errors"
local script = require "moontide.cmd.script"

local function declare(parser)
  parser:argument("file", 'The script; "-" is standard input.')
  parser:flag("--repl", "Then a prompt, on what the script has made.")
end

-- Also when the script cannot be read, or fails: then the prompt is there to find out why.
local function run_with_prompt(options)
  local chunk, why = script.load_file(options.file)
  script.set_globals(options.file, options.rest)
  if not chunk then io.stderr:write("moontide: ", errors.escape(why), "\n") end
  return require("moontide.cmd.repl.session").run {first = chunk, arguments = options.rest, failed = not chunk}
end

local function run(options)
  if options.repl then return run_with_prompt(options) end
  return script.run_file(options.file, options.rest)
end

return {
  name = "run", description = "Runs a Lua script. What follows FILE are its arguments (`arg`, `...`).",
  script = true, declare = declare, run = run,
}
