-- list: the containers that carry a label (argument KEY or KEY=VALUE), as a table
local key, value = (... or ""):match("^([^=]+)=?(.*)$")
local label = key and {[key] = value ~= "" and value or true}

local containers = assert(mt.docker.list {all = true, label = label})
io.write(mt.text.table(containers, {
  {key = "name"},
  {key = "status"},
  {key = "image"},
  {key = "created", format = function(time) return os.date("%F %T", time) end},
}))
