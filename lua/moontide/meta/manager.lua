---@meta

--- mt.manager: containers of an image, as many as are wished, on one engine. Actions return tables and never nil;
--- lists return nil and a moontide.Error when the engine cannot be reached; a caller's mistakes raise. The wishes and
--- the names that it gives are in the state file.

---@class moontide.ManagerOptions
---@field engine moontide.Docker? default: mt.docker; or any table with the same functions
---@field engine_factory nil|fun():moontide.Docker?,moontide.Error? makes the engine at its first use; instead of engine
---@field stop_timeout moontide.Duration? that a container has to stop before it is killed; default 5 s
---@field planner moontide.Planner? which steps lead from what is observed to what is desired
---@field victim nil|fun(running:moontide.Summary[],count:integer):moontide.Summary[] which go; default: the oldest
---@field notify nil|fun(notice:moontide.Notice):any,moontide.Error? default: a POST to env.DISCOVERY_CALLBACK, 2 s

---@alias moontide.Planner fun(desired:moontide.Desired,observed:moontide.Summary[],now:number,victim:function?):table[]

---@class moontide.Step
---@field action "create"|"remove"|"start"|"stop" what is to be done
---@field container_id string? what it is done to; not for create
---@field name string? of that container
---@field reason string why

---@class moontide.Desired
---@field image string the image
---@field min_replicas integer at least so many run; default 1
---@field max_replicas integer at most so many run; default the larger of 1 and min
---@field env table<string,string|number|boolean> of the containers; DISCOVERY_CALLBACK: whom to tell
---@field ports table<string,integer|string|userdata> as in a spec
---@field resources moontide.Resources cpu, memory, status = "running" (default) or "stopped"

---@class moontide.DesiredOptions
---@field min_replicas integer? default 1
---@field max_replicas integer? default the larger of 1 and min_replicas
---@field env table<string,string|number|boolean>? default none
---@field ports table<string,integer|string|userdata>? default none
---@field resources moontide.Resources? default no limits, running

---@class moontide.ContainerOptions
---@field env table<string,string|number|boolean>? default none
---@field ports table<string,integer|string|userdata>? default none
---@field resources moontide.Resources? default no limits, running

---@class moontide.ReplicaCounts
---@field min_replicas integer? default: as it was
---@field max_replicas integer? default: as it was, and at least min_replicas

---@class moontide.Notice
---@field image string the image
---@field container moontide.Summary before a stop, after a start
---@field status "running"|"stopped" how it is now
---@field event "create"|"start"|"stop" what happened
---@field url string? where the default notify posts it
---@field engine string? whose container it is, as docker.host says; default: this machine's

---@class moontide.Manager
---@field desired_images table<string,moontide.Desired> all wishes, for reading
local manager = {}

--- Stores what is wished of an image; replaces the whole record. Starts nothing: reconcile does.
---@param image string its reference
---@param options? moontide.DesiredOptions default: one replica
---@return moontide.Desired? desired the record
---@return moontide.Error? err it cannot be stored
function manager:register_desired_state(image, options) end

--- One image's wish.
---@param image string its reference
---@return moontide.Desired? desired nil without an error: there is none
---@return moontide.Error? err the state file cannot be read
function manager:desired(image) end

--- Sees to it that a container of the image runs: keeps a running one, else starts the newest, else runs one.
---@param image string its reference
---@param options? moontide.ContainerOptions default: nothing of all that
---@return moontide.Ensured result
function manager:ensure_singleton_for_image(image, options) end

--- Runs one more container of the image.
---@param image string its reference
---@param options? moontide.ContainerOptions default: nothing of all that
---@return moontide.Ensured result
function manager:run_new_container(image, options) end

--- The containers that are managed here.
---@return moontide.Summary[]? containers of any status and image
---@return moontide.Error? err
function manager:list_managed_containers() end

--- The managed containers of an image.
---@param image string its reference
---@return moontide.Summary[]? containers of any status
---@return moontide.Error? err
function manager:get_containers_for_image(image) end

--- The managed containers of an image, or those that run.
---@param image string its reference
---@param running_only? boolean default false
---@return moontide.Summary[]? containers
---@return moontide.Error? err
function manager:current_for_image(image, running_only) end

--- A container in the shape that lists have it.
---@param id string name or id
---@return moontide.Summary? summary
---@return moontide.Error? err
function manager:summarize_container(id) end

---@class moontide.DeleteOptions
---@field force boolean? kills it, and takes what is not managed, too; default false

--- Removes a container: one that runs is stopped first.
---@param name_or_id string name or id
---@param options? moontide.DeleteOptions default: not forced
---@return moontide.Deleted result
function manager:delete_container(name_or_id, options) end

---@class moontide.StatusOptions
---@field status "running"|"stopped" how it is to be

--- Starts or stops a container.
---@param name_or_id string name or id
---@param options moontide.StatusOptions how it is to be
---@return moontide.StatusSet result
function manager:set_container_status(name_or_id, options) end

--- A container's figures. Those that cannot be read are absent.
---@param name_or_id string name or id
---@return moontide.ContainerStats result
function manager:container_stats(name_or_id) end

--- Makes as many containers of the image run as are wished. An image without a wish is wished once from now on.
---@param image string its reference
---@return moontide.Reconciled result
function manager:reconcile(image) end

--- Changes how many are wished, keeps the rest of the record, and reconciles.
---@param image string its reference
---@param options? moontide.ReplicaCounts default: as it was
---@return moontide.Reconciled result
function manager:scale(image, options) end

--- What reconcile, or scale, would do now. Changes nothing.
---@param image string its reference
---@param options? moontide.ReplicaCounts default: as it was
---@return moontide.Step[]? steps
---@return moontide.Error? err
function manager:plan(image, options) end

--- Nothing is wished of the image any more; its containers stay as they are.
---@param image string its reference
---@return boolean? done also when nothing was wished
---@return moontide.Error? err
function manager:forget(image) end

--- Removes managed containers that do not run.
---@param image? string default: of all images
---@return moontide.Pruned result
function manager:prune(image) end

--- Takes over containers that another state file's manager made.
---@param image string its reference
---@return moontide.Adopted result
function manager:adopt(image) end

--- Tells who is to be told about a container.
---@param notice moontide.Notice what happened
---@return boolean? done also when nobody is to be told
---@return moontide.Error? err
function manager:notify_discovery(notice) end

--- Whom an image's containers are announced to. Called with a dot.
---@param image string its reference
---@return string? url env.DISCOVERY_CALLBACK of its wish
function manager.discovery_callback_url(image) end

--- Waits until ports are bound, best effort; not at all when none is asked for. Called with a dot.
---@param id string name or id
---@param wanted? string[]|table<string,any> default none: {"80/tcp"}, or {["80/tcp"] = 0}
---@param options? moontide.PortWait default 5 s
---@return moontide.Ports? ports what is bound
---@return moontide.Error? err
function manager.wait_for_ports(id, wanted, options) end

---@class moontide.PortWait
---@field timeout moontide.Duration? default 5 s
---@field interval moontide.Duration? between two looks; default 0.1 s

--- CPUs as the engine counts them. Called with a dot.
---@param value any "0.5", "500m" or 1
---@return integer? nanocpus nil: zero, less, or unreadable
function manager.cpu_to_nano_cpus(value) end

--- Ports as they are asked for, 0 as mt.json.null. Called with a dot.
---@param ports table<string,any>? as in a spec
---@return table<string,any>? ports nil when there are none
function manager.normalize_ports(ports) end

--- Whether every port has a binding. Called with a dot.
---@param ports moontide.Ports? what is bound
---@param keys? string[] default: any port will do
---@return boolean ready
function manager.ports_ready(ports, keys) end

return manager
