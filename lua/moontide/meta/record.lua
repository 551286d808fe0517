---@meta

--- What happens, and who hears of it.

---@class moontide.Event
---@field event moontide.EventName what happened
---@field time number Unix time
---@field engine string? where: "unix:///run/docker.sock"
---@field service string? of which service
---@field image string? of which image
---@field container_id string? to which container
---@field name string? the container's name
---@field status string? how the container is now
---@field ports moontide.Ports? what is bound; of a stop: what was bound before
---@field reason string? why: "exit code 137: killed", "out of memory"
---@field data table? more; of "die": {exit_code, oom, requested (the engine was asked to end it)}

---@alias moontide.EventName
---| "create" | "start" | "stop" | "die" | "remove" | "scale" | "plan" | "ready" | "unready" | "alert" | "error"

---@class moontide
local mt = {}

---@class moontide.Hook
local hook = {}

--- No further call; one that runs now ends by itself.
function hook:stop() end

--- Calls a function when something happens to what is managed, each time as a task of its own. What it raises is
--- logged with its traceback, and breaks nothing. A hook ends with the task that made it when that fails or is
--- cancelled. When 1000 calls have not ended, events are left out until some have. "die" is heard from the engine and
--- keeps the script alive; "create" and the others are what this program does.
---@param event moontide.EventName what is waited for
---@param fn fun(ev:moontide.Event) gets a table of its own
---@return moontide.Hook hook
function mt.on(event, fn) end

return mt, hook
