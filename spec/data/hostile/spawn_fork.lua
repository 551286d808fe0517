-- verdict: 4 too many tasks are out of memory
-- Never over the budget, always more; the first that fails takes the tree with it.
local function fork()
  mt.all {fork, fork}
end
fork()
