---@meta

--- mt.docker: the default engine; `mt.docker.connect` gives others with the same functions. Every function that
--- asks the engine returns nil and a moontide.Error when that fails, and suspends only its own task. An id is a
--- container's full id, the beginning of one that fits no other, or its name.

---@class moontide.Docker
local docker = {}

---@class moontide.ConnectOptions
---@field host string? "unix:///run/docker.sock", "tcp://10.0.0.5:2376", "ssh://[user@]host[:port]"
---@field context string? of the docker command instead of a host; "default": none
---@field tls_verify boolean? true: TLS, verified; false: not verified; default: as the context or $DOCKER_TLS_VERIFY
---@field cert_path string? directory of ca.pem, cert.pem, key.pem; default: the context's, else $DOCKER_CERT_PATH
---@field timeout moontide.Duration? of calls that have no longer time of their own; default 30 s

--- Another engine. Sends nothing yet: the first call does. Only mt.docker itself has this function.
---@param options? moontide.ConnectOptions default: $DOCKER_HOST, $DOCKER_CONTEXT, docker's context, the usual sockets
---@return moontide.Docker? engine with all functions of mt.docker
---@return moontide.Error? err invalid: a host, context or certificate that cannot be
function docker.connect(options) end

--- Whether the engine is there.
---@return {ApiVersion:string?,OSType:string?,Server:string?}? pong
---@return moontide.Error? err
function docker.ping() end

--- Versions of the engine and its parts.
---@return table? version the engine's table: Version, ApiVersion, MinAPIVersion, Os, Arch, ...
---@return moontide.Error? err
function docker.version() end

--- What the engine says of itself and its machine.
---@return table? info the engine's table: Containers, Driver, CgroupVersion, NCPU, MemTotal, ...
---@return moontide.Error? err
function docker.info() end

--- Where the engine is: "unix:///run/docker.sock", "ssh://me@build-1". Asks nobody.
---@return string? host
---@return moontide.Error? err invalid: the environment or the context names none that can be
function docker.host() end

---@class moontide.ListOptions
---@field all boolean? also those that do not run; default false
---@field label moontide.LabelFilter? {app = "shop"}, {app = true}
---@field name string? the very name
---@field status string|string[]|nil "running", "exited", ...; one of them
---@field limit integer? only the newest so many

--- Containers, the newest first, in one call.
---@param options? moontide.ListOptions default: all that run
---@return moontide.Summary[]? containers
---@return moontide.Error? err
function docker.list(options) end

--- All that the engine knows of a container.
---@param id string name or id
---@return table? container the engine's table, unchanged
---@return moontide.Error? err
function docker.inspect(id) end

--- A container in the shape that `list` has it.
---@param id string name or id
---@return moontide.Summary? summary
---@return moontide.Error? err
function docker.summary(id) end

--- Makes a container and does not start it.
---@param spec moontide.Spec what it is to be
---@return string? id
---@return moontide.Error? err conflict: the name is taken; not_found: no such image or network
function docker.create(spec) end

--- Makes and starts a container. What a failed or cancelled call has made is removed again.
---@param spec moontide.Spec what it is to be
---@return moontide.Summary? container
---@return moontide.Error? err conflict: the name or a port is taken; not_found: no such image or network
function docker.run(spec) end

--- Starts a container.
---@param id string name or id
---@return true? done also when it runs already
---@return moontide.Error? err
function docker.start(id) end

---@class moontide.StopOptions
---@field timeout moontide.Duration? grace before SIGKILL, rounded up to seconds; default 10 s
---@field signal string? default: the container's stop signal

--- Stops a container: its stop signal, after the grace SIGKILL. May take the grace and 15 s more.
---@param id string name or id
---@param options? moontide.StopOptions default: 10 s of grace
---@return true? done also when it does not run
---@return moontide.Error? err
function docker.stop(id, options) end

--- Stops and starts a container.
---@param id string name or id
---@param options? moontide.StopOptions default: 10 s of grace
---@return true? done
---@return moontide.Error? err
function docker.restart(id, options) end

---@class moontide.KillOptions
---@field signal string|integer|nil "SIGTERM", "term" or 15; default SIGKILL

--- Sends a signal to a container's first process.
---@param id string name or id
---@param options? moontide.KillOptions default: SIGKILL
---@return true? done
---@return moontide.Error? err conflict: it does not run
function docker.kill(id, options) end

--- Freezes a container's processes.
---@param id string name or id
---@return true? done also when it is frozen already
---@return moontide.Error? err conflict: it does not run
function docker.pause(id) end

--- Lets a frozen container go on.
---@param id string name or id
---@return true? done also when it was not frozen
---@return moontide.Error? err
function docker.unpause(id) end

--- Gives a container another name.
---@param id string name or id
---@param name string 2 to 255 letters, digits, "_", ".", "-", the first a letter or digit
---@return true? done also when it is called so already
---@return moontide.Error? err conflict: the name is taken
function docker.rename(id, name) end

---@class moontide.RemoveOptions
---@field force boolean? also one that runs, which is killed; default false
---@field volumes boolean? its anonymous volumes, too; default false

--- Removes a container.
---@param id string name or id
---@param options? moontide.RemoveOptions default: only one that does not run
---@return true? done also when there is none
---@return moontide.Error? err conflict: it runs
function docker.remove(id, options) end

---@class moontide.UpdateOptions
---@field cpu moontide.Amount? CPUs, at least 0.01
---@field memory moontide.Amount? at least "6m"; memory and swap together become twice as much
---@field pids integer? processes and threads; -1: no limit
---@field restart string? "no", "always", "unless-stopped", "on-failure" or "on-failure:3"

--- Other limits for a container, at once when it runs. What is not given stays.
---@param id string name or id
---@param options moontide.UpdateOptions at least one of them
---@return true? done
---@return moontide.Error? err
function docker.update(id, options) end

---@class moontide.WaitOptions
---@field condition string? "not-running" (default: also true at once), "next-exit" or "removed"
---@field timeout moontide.Duration? default: none
---@field start boolean? starts the container once the engine waits, so that no exit is missed; default false

--- Waits until a container has ended.
---@param id string name or id
---@param options? moontide.WaitOptions default: until it does not run
---@return integer? exit_code
---@return moontide.Error? err timeout: it has not ended in time
function docker.wait(id, options) end

---@class moontide.WaitPortsOptions
---@field timeout moontide.Duration? default 5 s
---@field interval moontide.Duration? between looks; default 0.1 s
---@field probe string? "bound" (default), or "tcp": connects to each TCP port, too

--- Waits until ports of a container are bound on the host. With probe "bound" what is bound in the end is the
--- result; with "tcp" all must accept in time. The engine's proxy may accept before the program does.
---@param id string name or id
---@param keys? string[] {"80/tcp"}: all of them; default: any port will do
---@param options? moontide.WaitPortsOptions default: 5 s
---@return moontide.Ports? ports
---@return moontide.Error? err timeout: only with probe "tcp"
function docker.wait_ports(id, keys, options) end

---@class moontide.RequestOptions
---@field query table? {name = value}; tables in it are sent as JSON
---@field body table|string|nil a table is sent as JSON
---@field headers moontide.Texts? {["X-Registry-Auth"] = "..."}
---@field timeout moontide.Duration? default 30 s

--- One request, for what has no function of its own.
---@param method string "GET"
---@param path string without host and version: "/containers/json"
---@param options? moontide.RequestOptions default: neither query nor body
---@return integer? status any status is a result
---@return any reply a table when it is JSON, else text; an err when there was no reply
function docker.request(method, path, options) end

return docker
