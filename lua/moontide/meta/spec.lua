---@meta

--- What a container is to be: for docker.create and docker.run.

---@alias moontide.Command string|string[] a list of words, or text that is split as a shell does, without expansions

---@alias moontide.PortMap table<string, integer|string|userdata> see moontide.Spec's ports

---@alias moontide.Texts table<string, string>

---@alias moontide.Environment table<string, string|number|boolean>

---@class moontide.Spec
---@field image string reference: "web", "registry:5000/team/web:1.2", "web@sha256:..."; required
---@field name string? default: the image's name and 8 hexadecimal digits
---@field command moontide.Command? default: the image's
---@field entrypoint moontide.Command? default: the image's; "" clears it
---@field env moontide.Environment? added to the image's
---@field labels moontide.Texts? default: the image's
---@field ports moontide.PortMap? "80/tcp" to a host port, 0 or mt.json.null (chosen), "8080-8090", "127.0.0.1:8080"
---@field resources moontide.Resources? default: no limits
---@field volumes string[]|moontide.Texts|nil "source:target[:mode]", or {[source] = "target[:mode]"}
---@field networks string[]? names; default: the engine's bridge
---@field user string|integer|nil a user, an uid, or "user:group"; default: the image's
---@field workdir string? absolute path in the container; default: the image's
---@field init boolean? a small init as process 1, which reaps orphans; default: as the engine is set
---@field extra_hosts string[]|moontide.Texts|nil "name:address", or {name = address}; "host-gateway": the engine's
---@field healthcheck moontide.Healthcheck|false|"none"|nil default: the image's; false and "none": no check
---@field log moontide.LogDriver? default: the engine's
---@field stop_signal string|integer|nil "SIGTERM", "term" or 15; default: the image's, else SIGTERM
---@field stop_timeout moontide.Duration? grace before SIGKILL; default 10 s, rounded up to seconds
---@field restart string? "no", "always", "unless-stopped" (default), "on-failure" or "on-failure:3"
---@field pull "missing"|"always"|"never"|nil when the image is fetched first; default "missing"
---@field host_config table? as the engine has it (HostConfig), laid over all the rest, unchecked

---@class moontide.Resources
---@field cpu moontide.Amount? CPUs, at least 0.01; default: no limit
---@field memory moontide.Amount? at least "6m"; default: no limit
---@field pids integer? processes and threads; -1 and default: no limit
---@field status string? "running" (default), or "stopped": create it, do not start it

---@class moontide.Healthcheck
---@field command moontide.Command? text for a shell in the container, or a list of words
---@field test string[]? instead of command, as the engine has it: {"CMD", word, ...}, {"CMD-SHELL", text}
---@field interval moontide.Duration? between checks; default 30 s
---@field timeout moontide.Duration? of a check; default 30 s
---@field retries integer? failures in a row that make it unhealthy; default 3
---@field start_period moontide.Duration? in which failures do not count; default 0

---@class moontide.LogDriver
---@field driver string "json-file", "local", "journald", "none", ...; required
---@field options moontide.Texts? of the driver: {["max-size"] = "10m"}
