-- Globals are mistakes: the library has none, a script has `mt`.
std = "lua54"
max_line_length = 120
max_cyclomatic_complexity = 14
unused_secondaries = true

files["spec"] = {std = "+busted", read_globals = {"mt"}, max_line_length = 130}
files["spec/data/hostile"] = {ignore = {"143"}}
files["examples"] = {read_globals = {"mt"}}
files["lua/moontide/meta"] = {ignore = {"212"}} -- definitions have no bodies
