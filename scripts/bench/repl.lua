-- repl: p99 of the time from a key to its echo, ms, of `arg[1]` keys while `arg[2]` tasks sleep and ping the engine.
-- Run by lua5.4 with $MOONTIDE: it sits on the other side of the terminal.
package.path = arg[0]:gsub("scripts/bench/[^/]*$", "") .. "?.lua;" .. package.path
local pty = require "spec.support.pty"

local keys, tasks = tonumber(arg[1]), tonumber(arg[2])
local LINE = 40 -- keys until it is cleared: it stays in one row

local PREPARE = "for i = 1, %d do mt.spawn(function() while true do mt.sleep(0.01 * (i %% 10 + 1)) "
  .. "assert(mt.docker.ping()) pings = (pings or 0) + 1 end end) end"

local terminal = pty.start({"repl"}, {columns = 200})
terminal:prompt():enter(PREPARE:format(tasks))
local times = {}
for i = 1, keys do
  local letter = string.char(97 + i % 26)
  terminal:read(0.001 * (i % 4)) -- not in step with the tasks
  terminal.raw = ""
  local begin = pty.now()
  terminal:type(letter)
  while not terminal.raw:find(letter, 1, true) do assert(terminal:read(1), "the prompt has gone") end
  times[i] = (pty.now() - begin) * 1000
  if i % LINE == 0 then terminal:type "\21":ends ">" end
end
terminal:type "\21":ends ">"
terminal:enter "pings > 10"
assert(terminal:text():find "\ntrue\n>$", "the tasks did not run: " .. terminal:text())
terminal:close()
table.sort(times)
print(times[math.ceil(keys * 0.99)])
