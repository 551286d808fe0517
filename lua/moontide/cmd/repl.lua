--- moontide repl: Lua, line by line, while everything that was begun goes on.

local function declare() end

local function run()
  return require("moontide.cmd.repl.session").run {}
end

return {
  name = "repl", description = "Runs what is typed: Lua, line by line. Ctrl-D leaves.",
  declare = declare, run = run,
}
