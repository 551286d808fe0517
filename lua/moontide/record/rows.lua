--- What the state file's rows are made of, and what is made of them; pure.

local json = require "moontide.c.json"
local redact = require "moontide.record.redact"

local SECOND = 1000000000

--- Nanoseconds, as the file has them.
---@param seconds number Unix time
---@return integer
local function ns(seconds)
  return math.tointeger(seconds) and math.tointeger(seconds) * SECOND or math.floor(seconds * 1e9)
end

-- Images, names and ids have no blanks.
local function target(ev) return ("%s %s %s"):format(ev.image or "", ev.name or "", ev.container_id or "") end

-- What has no column of its own.
local EXTRA = {"service", "status", "ports", "intent"}

-- What is no JSON (a function, a text of bytes) is not worth losing the entry for.
local function encode(more)
  local ok, text = pcall(json.encode, redact.harmless(more))
  if ok then return text end
  return json.encode {data = {note = "what was here cannot be written as JSON"}}
end

--- The journal's row of an event, without secrets.
---@param ev table see record.fact
---@param now number Unix time
---@return table
local function of_fact(ev, now)
  redact.learn(ev.data)
  local more = {}
  for _, key in ipairs(EXTRA) do more[key] = ev[key] end
  more.data = ev.data
  return {
    time = ns(ev.time or now), kind = ev.event, engine = ev.engine or "", target = target(ev),
    reason = redact.text(ev.reason and tostring(ev.reason) or ""), data = encode(more),
  }
end

local function filled(text) return text ~= "" and text or nil end

--- An entry of the history.
---@param row table
---@return moontide.HistoryEntry
local function to_entry(row)
  local image, name, id = row.target:match("^(%S*) (%S*) (%S*)$")
  local more = json.decode(row.data) or {}
  return {
    seq = math.tointeger(tonumber(row.seq)), time = tonumber(row.time) / 1e9, kind = row.kind, engine = row.engine,
    target = filled(name or "") or filled(id or "") or filled(image or row.target) or "", image = filled(image or ""),
    name = filled(name or ""), container_id = filled(id or ""), reason = filled(row.reason), service = more.service,
    status = more.status, ports = more.ports, intent = more.intent, data = more.data,
  }
end

--- Whether it is about that target: a part of the image's or the container's name, or the beginning of its id.
---@param entry moontide.HistoryEntry
---@param wanted string
---@return boolean
local function is_about(entry, wanted)
  local function has(text) return text ~= nil and text:find(wanted, 1, true) ~= nil end
  return has(entry.image) or has(entry.name) or (entry.container_id or ""):sub(1, #wanted) == wanted
end

--- A slot's row.
---@param slot table see record.put_slot
---@param now number Unix time
---@return table
local function of_slot(slot, now)
  return {
    engine = slot.engine, image = slot.image, name = slot.name, container_id = slot.container_id, state = slot.state,
    time = ns(slot.time or now),
  }
end

---@param row table
---@return moontide.record.Slot
local function to_slot(row)
  return {
    engine = row.engine, image = row.image, name = row.name, container_id = row.container_id, state = row.state,
    time = tonumber(row.time) / 1e9,
  }
end

return {ns = ns, of_fact = of_fact, to_entry = to_entry, is_about = is_about, of_slot = of_slot, to_slot = to_slot}
