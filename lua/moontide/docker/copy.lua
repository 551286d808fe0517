--- Files in and out of a container, as tar archives in a string; it need not run.

local check = require "moontide.core.check"

local ID = {"id", check.id}

local function path_argument(op, name, value)
  check.string(op, name, value)
  if value == "" or value:find("\0") then check.fail(op, 'argument "%s" must be a path in the container', name) end
  return value
end

local PATH = {"path", path_argument}

--- copy_to(id, path, tar) -> true: unpacks the archive in the directory `path`, which must be there.
--- copy_from(id, path) -> the archive of the file or directory `path`; a large one needs a larger --memory-limit.
return {
  copy_to = {
    arguments = {ID, PATH, {"tar", check.string}},
    send = function(_, _, _, path, tar)
      return {
        -- A directory of the archive does not take the place of a file, nor the reverse.
        query = {"path", path, "noOverwriteDirNonDir", true}, body = tar,
        headers = {"Content-Type: application/x-tar"},
      }
    end,
  },
  copy_from = {
    arguments = {ID, PATH}, as = "bytes",
    send = function(_, _, _, path) return {query = {"path", path}} end,
    take = function(pieces) return table.concat(pieces) end,
  },
}
