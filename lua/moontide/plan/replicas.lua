--- How many of an image's containers there are, and how many there should be: the steps between. Pure.

local MAY_LIVE = {running = true, restarting = true, paused = true}

-- Oldest first; of the same second, in the order of the list.
local function by_age(list)
  local sorted, place = {}, {}
  for i, summary in ipairs(list) do sorted[i], place[summary] = summary, i end
  table.sort(sorted, function(a, b)
    if a.created ~= b.created then return a.created < b.created end
    return place[a] < place[b]
  end)
  return sorted
end

--- Which of them go: the oldest by creation, ties in the order of the list.
---@param running moontide.Summary[]
---@param count integer so many
---@return moontide.Summary[]
local function victim(running, count)
  return table.move(by_age(running), 1, count, 1, {})
end

-- A container that the engine starts again, or that somebody has paused, keeps its place.
local function living(observed)
  local list = {}
  for _, summary in ipairs(observed) do
    if MAY_LIVE[summary.status] then list[#list + 1] = summary end
  end
  return list
end

local function step(action, summary, reason)
  return {action = action, container_id = summary.container_id, name = summary.name, reason = reason}
end

local function add_creates(steps, count, minimum, what)
  for _ = 1, minimum - count do
    steps[#steps + 1] = {action = "create", reason = ("%d %s, at least %d should"):format(count, what, minimum)}
  end
end

local function add_removes(steps, chosen, count, maximum, what)
  for _, summary in ipairs(chosen) do
    steps[#steps + 1] = step("remove", summary, ("%d %s, at most %d may"):format(count, what, maximum))
  end
end

-- Which of the list go, at most so many; nil and what is wrong with the answer: a victim function may be a user's.
local function chosen_of(choose, list, count)
  local answer, known, chosen = choose(table.move(list, 1, #list, 1, {}), count), {}, {}
  if type(answer) ~= "table" then return nil, ("victim returned %s, not a list"):format(type(answer)) end
  for _, summary in ipairs(list) do known[summary.container_id] = summary end
  for i, one in ipairs(answer) do
    local id = type(one) == "table" and one.container_id or nil
    chosen[i] = id and known[id]
    if not chosen[i] then return nil, ("victim returned as number %d what it was not given, or twice"):format(i) end
    known[id] = nil
  end
  if #chosen > count then
    return nil, ("victim returned %d containers, and at most %d may go"):format(#chosen, count)
  end
  return chosen
end

-- Any state counts, and none runs.
local function plan_stopped(desired, observed, choose)
  local steps, gone = {}, {}
  add_creates(steps, #observed, desired.min_replicas, "exist")
  if #observed > desired.max_replicas then
    local chosen, why = chosen_of(choose, observed, #observed - desired.max_replicas)
    if not chosen then return nil, why end
    for _, summary in ipairs(chosen) do gone[summary.container_id] = true end
    add_removes(steps, chosen, #observed, desired.max_replicas, "exist")
  end
  for _, summary in ipairs(observed) do
    if MAY_LIVE[summary.status] and not gone[summary.container_id] then
      steps[#steps + 1] = step("stop", summary, ("it is %s and should be stopped"):format(summary.status))
    end
  end
  return steps
end

--- The default planner: fewer than min run: create; more than max: remove.
---@param desired moontide.Desired
---@param observed moontide.Summary[] all containers of the image, the newest first
---@param _now number Unix time
---@param choose fun(running: moontide.Summary[], count: integer): moontide.Summary[] default: `victim`
---@return moontide.Step[]? steps nil, why: the victims cannot be
---@return string?
local function planner(desired, observed, _now, choose)
  choose = choose or victim
  if desired.resources.status == "stopped" then return plan_stopped(desired, observed, choose) end
  local steps, alive = {}, living(observed)
  add_creates(steps, #alive, desired.min_replicas, "run")
  if #alive > desired.max_replicas then
    local chosen, why = chosen_of(choose, alive, #alive - desired.max_replicas)
    if not chosen then return nil, why end
    add_removes(steps, chosen, #alive, desired.max_replicas, "run")
  end
  return steps
end

--- Whether what is observed is what is desired. A container that is being started again does not run.
---@param desired moontide.Desired
---@param observed moontide.Summary[]
---@return boolean
local function fits(desired, observed)
  local running = 0
  for _, summary in ipairs(observed) do
    if summary.status == "running" then running = running + 1 end
  end
  local stopped = desired.resources.status == "stopped"
  local count = stopped and #observed or running
  return count >= desired.min_replicas and count <= desired.max_replicas and not (stopped and #living(observed) > 0)
end

return {planner = planner, victim = victim, fits = fits}
