---@meta moontide

--- `mt`: predefined in scripts, and what they get when they require moontide.

---@class moontide
---@field docker moontide.Docker the default engine
---@field http moontide.Http requests to anybody else
---@field json moontide.Json JSON in which integers stay integers
---@field log moontide.Log lines on standard error
---@field text moontide.Text figures for people
---@field version string of moontide: "0.1.0"
local mt = {}

---@class moontide.Task
local task = {}

--- Waits until the task has ended.
---@return boolean ok false: it failed or was cancelled
---@return any ... what its function returned; or the error
function task:join() end

--- Ends the task at once; its <close> variables run. Nothing happens when it has ended.
function task:cancel() end

--- Raises the error that the task has ended with, at the caller. For one that has failed.
function task:raise() end

--- How the task is.
---@return "ready"|"running"|"waiting"|"closing"|"done"|"failed"|"cancelled" status
function task:status() end

--- Where the task's error was raised.
---@return string? trace error and traceback; nil: it has not failed
function task:trace() end

---@class moontide.Timer
local timer = {}

--- No further call; one that runs now ends by itself.
function timer:stop() end

--- A manager: containers of an image, as many as are wished. Asks nobody yet.
---@param options? moontide.ManagerOptions default: on mt.docker
---@return moontide.Manager manager
function mt.manager(options) end

--- Runs a function as a task beside the caller.
---@param fn function what to run
---@param ... any its arguments
---@return moontide.Task task
function mt.spawn(fn, ...) end

--- Waits, and lets other tasks run.
---@param duration? moontide.Duration default 0: only lets the others run
function mt.sleep(duration) end

--- Runs all functions at once and waits. An error that is raised in one cancels the others and is raised here;
--- `nil, err` is a value.
---@param fns function[] no arguments are passed
---@return any[] results the first result of each, by index
---@return any[] seconds the second result of each (the err of `nil, err`), by index
function mt.all(fns) end

---@class moontide.MapOptions
---@field limit integer? so many at once; default: all

--- Runs fn(item, index) for each item, and waits. Errors as for mt.all.
---@param list any[] the items
---@param fn fun(item:any,index:integer):any,any what to run
---@param options? moontide.MapOptions default: all at once
---@return any[] results the first result of each, by index
---@return any[] seconds the second result of each (the err of `nil, err`), by index
function mt.map(list, fn, options) end

--- Runs all functions at once; the first to end wins, the others are cancelled.
---@param fns function[] at least one
---@return any ... the winner's results
function mt.race(fns) end

--- Runs a function, cancelled when it has not ended in time.
---@param duration moontide.Duration how long it may take
---@param fn function what to run
---@param ... any its arguments
---@return any ... its results; or nil, err of kind timeout
function mt.timeout(duration, fn, ...) end

--- Calls a function once, later.
---@param duration moontide.Duration how much later
---@param fn function no arguments are passed
---@return moontide.Timer timer
function mt.after(duration, fn) end

--- Calls a function again and again, the first time after one interval. Calls that are missed fall out; an error
--- that is raised stops the timer.
---@param duration moontide.Duration interval, at least 1 ms
---@param fn function no arguments are passed
---@return moontide.Timer timer
function mt.every(duration, fn) end

--- The time.
---@return number seconds Unix time
function mt.now() end

--- A clock that never jumps.
---@return number seconds since some moment
function mt.monotonic() end

return mt, task, timer
