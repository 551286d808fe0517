--- moontide pull IMAGE: the engine fetches an image; a picture of it on a terminal, else a line for each
--- step.

local docker = require "moontide.docker"
local errors = require "moontide.core.errors"
local process = require "moontide.c.process"

local function declare(parser)
  parser:argument("image", "Its name; without a tag, latest.")
  parser:option("--platform", "Another one than the engine's, as linux/arm64."):argname "OS/ARCH"
end

-- A line for each change of a layer's status.
local function print_steps(rows)
  for row in rows do
    io.write(errors.escape(row.id and ("%s: %s"):format(row.id, row.status) or row.status), "\n")
    io.flush()
  end
end

local function print_json(rows)
  for row in rows do io.write(require("moontide.c.json").encode(row), "\n") end
end

local function draw(rows)
  local picture = require("moontide.cmd.progress").new(function(text)
    io.write(text)
    io.flush()
  end, require("moontide.c.task").monotonic, process.columns)
  for row in rows do picture:add(row) end
  picture:finish()
end

local function run(options)
  local pictured = not options.json and process.isatty(1) and os.getenv("TERM") ~= "dumb"
  local rows, err = docker.pull(options.image, {
    progress = pictured or options.json or false, platform = options.platform,
  })
  if not rows then return nil, err end
  local show = options.json and print_json or pictured and draw or print_steps
  show(rows)
  return 0
end

return {name = "pull", description = "Makes the engine fetch an image.", declare = declare, run = run}
