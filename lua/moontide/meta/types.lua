---@meta

--- Values that several functions take or return.

---@alias moontide.Duration number|string seconds, or "250ms", "10s", "5m", "1h30m", "7d"

---@alias moontide.Since number|string Unix seconds, or a duration: so long ago

---@alias moontide.Amount number|string CPUs: 0.5 or "500m"; memory: bytes or "256m", "1.5g" (multiples of 1024)

---@alias moontide.LabelFilter table<string, string|number|true> all must match; true: any value

---@alias moontide.ErrorKind
---| "invalid"    the engine refused what was asked
---| "not_found"
---| "conflict"
---| "denied"
---| "transport"  nobody answered, or in no language that we know
---| "timeout"
---| "cancelled"
---| "engine"     the engine failed by itself
---| "script"     a policy or a hook failed

--- What went wrong in the world, returned after nil; `tostring(err)` is a sentence. What a caller got wrong (a
--- wrong type, an unknown option) is none: it raises a text.
---@class moontide.Error
---@field kind moontide.ErrorKind what to branch on
---@field op string? what was tried: "docker.start"
---@field message string what happened, to what, why, and what to do next
---@field status integer? HTTP status, when there was one
---@field next string what who retries does: "give_up", "done", "retry", "wait" or "relist"

--- One host port that leads into a container.
---@class moontide.Binding
---@field HostIp string address on the host: "0.0.0.0"
---@field HostPort string port on the host: "32768"

---@alias moontide.Ports table<string, moontide.Binding[]> "80/tcp" to its bindings; unpublished ones are left out

--- A container in short.
---@class moontide.Summary
---@field container_id string 64 hexadecimal digits
---@field name string without a slash; "" if it has none
---@field status string "created", "running", "paused", "restarting", "removing", "exited" or "dead"
---@field ports moontide.Ports of the host
---@field image string as the engine names it
---@field created integer Unix seconds
---@field labels table<string, string> empty when there are none
---@field health string? "starting", "healthy" or "unhealthy"; absent without a check, or when it does not run
---@field exit_code integer? of the last run; absent while it runs and before the first run

--- A container's figures, in the meaning of `docker stats`; what the engine cannot tell is absent.
---@class moontide.Stats
---@field cpu_percent number? of one core: 150.0 is one and a half cores
---@field mem_usage integer? bytes, without the page cache
---@field mem_limit integer? bytes
---@field mem_percent number? of the limit
---@field net_rx integer? bytes received since the start
---@field net_tx integer? bytes sent since the start
---@field block_read integer? bytes read since the start
---@field block_write integer? bytes written since the start
---@field pids integer? processes and threads
---@field source string where the figures come from: "engine"

--- Something that happened on the engine.
---@class moontide.Event
---@field type string "container", "image", "network", "volume", "daemon", ...; "moontide": a gap
---@field action string "create", "start", "die", "destroy", "pull", ...; "gap": events were lost, list again
---@field detail string? what stands behind the action: "healthy" of health_status; of a gap: why
---@field id string of the container, image, ...; "" if there is none
---@field name string? of the container, network, ...
---@field image string? of the container
---@field exit_code integer? of "die"
---@field signal integer? of "kill"
---@field attributes table<string, string> all that the engine says of it, labels too
---@field time number Unix seconds
---@field time_nano integer nanoseconds since 1970

--- One step of a pull.
---@class moontide.PullRow
---@field status string "Pulling fs layer", "Downloading", "Pull complete", "Status: ...", ...
---@field id string? of the layer
---@field current integer? bytes that are done
---@field total integer? bytes in all

--- What a program in a container has done.
---@class moontide.ExecResult
---@field exit_code integer 0: well; 126 and 127: it could not be run
---@field stdout string? what it printed; absent with on_output
---@field stderr string? what it printed there; absent with on_output, empty with tty

--- What a prune has removed.
---@class moontide.Pruned
---@field deleted string[] ids, of networks and volumes names
---@field space integer? bytes that are free again; absent where the engine cannot tell
