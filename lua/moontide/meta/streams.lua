---@meta

--- What comes piece by piece. An iterator is called by `for`, and closes itself when the loop is left, however that
--- happens; a failure in the middle of the loop is raised. When it cannot begin: nil, err; so
--- `for line in assert(mt.docker.logs(id)) do`.

---@class moontide.Docker
local docker = {}

---@class moontide.Iterator
local iterator = {}

--- Ends it, and its connection. `for` does so by itself.
function iterator:close() end

---@class moontide.Pull: moontide.Iterator
local pull = {}

--- Waits until the pull has ended; rows that come meanwhile are left out.
---@return true? pulled
---@return moontide.Error? err
function pull:wait() end

---@class moontide.LogsOptions
---@field follow boolean? goes on with what is written later; default false
---@field since moontide.Since? nothing older; default: all there is
---@field tail integer? only so many lines of what there is; default: all
---@field timestamps boolean? with the time of each line; default false
---@field stdout boolean? default true
---@field stderr boolean? default true

--- A container's output: line, source ("stdout" or "stderr"), time (RFC 3339, with timestamps). Follow goes on over
--- restarts of container and engine, no line lost or doubled, and ends when the container has stopped and does not
--- run again within 1 s, or is removed. A container with a terminal has only "stdout".
---@param id string name or id
---@param options? moontide.LogsOptions default: all there is
---@return moontide.Iterator? lines
---@return moontide.Error? err
function docker.logs(id, options) end

---@class moontide.EventsOptions
---@field since moontide.Since? default: from now on; an engine remembers its last 256 events
---@field filters table<string,string|string[]>? {type = "container", event = {"start", "die"}, label = "app=shop"}

--- What happens on the engine (moontide.Event), for ever. It connects again when the engine goes away; nothing comes
--- twice. Where events were lost, an event of type "moontide" and action "gap" comes: list again.
---@param options? moontide.EventsOptions default: all events from now on
---@return moontide.Iterator? events
---@return moontide.Error? err
function docker.events(options) end

---@class moontide.Auth
---@field username string? with password
---@field password string? never shown in messages
---@field identity_token string? instead of both
---@field server string? what the registry calls itself; default: the one of the image's name

---@class moontide.PullOptions
---@field progress boolean? false: without the rows that only count bytes; default true
---@field auth moontide.Auth? default: what the docker config and its helpers know
---@field platform string? "linux/arm64"; default: the engine's

--- The engine fetches an image: rows (moontide.PullRow) as it does. Leaving the loop gives the pull up.
---@param image string reference; without a tag "latest"
---@param options? moontide.PullOptions default: with progress, and the credentials of the docker config
---@return moontide.Pull? rows
---@return moontide.Error? err not_found, denied, ...; also after a while, by wait() or raised in the loop
function docker.pull(image, options) end

---@class moontide.StatsOptions
---@field stream boolean? an iterator of figures, one a second, until the container stops; default false

--- A container's figures. The first ones of a stream are without cpu_percent, which needs two readings.
---@param id string name or id
---@param options? moontide.StatsOptions default: once
---@return moontide.Stats|moontide.Iterator|nil figures an iterator of them with stream
---@return moontide.Error? err
function docker.stats(id, options) end

---@class moontide.ExecOptions
---@field env moontide.Environment? added to the container's
---@field user string|integer|nil a user, an uid, or "user:group"; default: the container's
---@field workdir string? absolute path in the container; default: the container's
---@field stdin string? what the program reads; default: nothing
---@field tty boolean? with a terminal: stdout and stderr are one; default false
---@field timeout moontide.Duration? until it has ended; default: none. The program runs on when it is over
---@field on_output moontide.OnOutput? gets the output as it comes; then stdout and stderr are absent
---@field max_output moontide.Amount? of stdout and stderr together, more is an error; default "16m"

---@alias moontide.OnOutput fun(bytes: string, source: "stdout"|"stderr")

--- Runs a program in a container that runs, and waits for its end.
---@param id string name or id
---@param cmd string|string[] a list of words, or text for `sh -c`
---@param options? moontide.ExecOptions default: as the container is set
---@return moontide.ExecResult? result also when the exit code is not 0
---@return moontide.Error? err conflict: the container does not run
function docker.exec(id, cmd, options) end

return docker, iterator, pull
