-- verdict: 4 not enough memory: too many tasks
-- slow
-- Never over the budget, always more; the first that fails takes the tree with it.
local function fork()
  mt.all {fork, fork}
end
fork()
