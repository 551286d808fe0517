---@meta

--- Images, networks, volumes and files: the other things of an engine. Removing what is gone is done, too.

---@class moontide.Docker
local docker = {}

---@class moontide.ImagesOptions
---@field all boolean? also the layers between; default false
---@field label moontide.LabelFilter? {app = "shop"}
---@field name string? the very name; without a tag: with any

--- Images of the engine.
---@param options? moontide.ImagesOptions default: all that are complete
---@return table[]? images the engine's tables: Id, RepoTags, Size, ...
---@return moontide.Error? err
function docker.images(options) end

--- All that the engine knows of an image.
---@param name string name, id or digest
---@return table? image the engine's table
---@return moontide.Error? err not_found
function docker.image(name) end

---@class moontide.ForceOptions
---@field force boolean? also what is in use, as far as the engine allows it; default false

--- Removes an image, or one of its names when it has several.
---@param name string name, id or digest
---@param options? moontide.ForceOptions default: not by force
---@return true? done also when there is none
---@return moontide.Error? err conflict: a container uses it
function docker.remove_image(name, options) end

--- Gives an image one more name.
---@param image string name, id or digest
---@param name string the new one; without a tag "latest"
---@return true? done
---@return moontide.Error? err
function docker.tag(image, name) end

---@class moontide.NamedOptions
---@field label moontide.LabelFilter? {app = "shop"}
---@field name string? the very name

--- Networks of the engine.
---@param options? moontide.NamedOptions default: all
---@return table[]? networks the engine's tables: Id, Name, Driver, ...
---@return moontide.Error? err
function docker.networks(options) end

--- All that the engine knows of a network.
---@param network string name or id
---@return table? network the engine's table
---@return moontide.Error? err not_found
function docker.network(network) end

---@class moontide.NetworkSpec
---@field name string required; no two networks get the same
---@field driver string? default "bridge"
---@field internal boolean? without a way out; default false
---@field attachable boolean? of overlay networks: also for containers that are no service's; default false
---@field labels moontide.Texts? default: none
---@field subnet string|string[]|nil "10.1.0.0/24", one of IPv4 and one of IPv6; default: the engine chooses
---@field gateway string|string[]|nil "10.1.0.1"; needs subnet; default: the engine chooses
---@field ipv6 boolean? default false
---@field options moontide.Texts? of the driver

--- Makes a network.
---@param options moontide.NetworkSpec what it is to be
---@return string? id
---@return moontide.Error? err conflict: the name or the subnet is taken
function docker.network_create(options) end

--- Removes a network.
---@param network string name or id
---@return true? done also when there is none
---@return moontide.Error? err conflict: containers are in it
function docker.network_remove(network) end

---@class moontide.EndpointOptions
---@field aliases string[]? names of the container in this network
---@field ip string? its address; the network must have been made with a subnet

--- Puts a container into a network.
---@param network string name or id
---@param id string the container's name or id
---@param options? moontide.EndpointOptions default: its name, any address
---@return true? done also when it is there already
---@return moontide.Error? err
function docker.network_connect(network, id, options) end

--- Takes a container out of a network.
---@param network string name or id
---@param id string the container's name or id
---@param options? moontide.ForceOptions default: not by force
---@return true? done also when it is not there
---@return moontide.Error? err
function docker.network_disconnect(network, id, options) end

--- Volumes of the engine.
---@param options? moontide.NamedOptions default: all
---@return table[]? volumes the engine's tables: Name, Driver, Mountpoint, ...
---@return moontide.Error? err
function docker.volumes(options) end

--- All that the engine knows of a volume.
---@param name string name
---@return table? volume the engine's table
---@return moontide.Error? err not_found
function docker.volume(name) end

---@class moontide.VolumeSpec
---@field name string? default: the engine makes one up
---@field driver string? default "local"
---@field labels moontide.Texts? default: none
---@field options moontide.Texts? of the driver

--- Makes a volume.
---@param options? moontide.VolumeSpec default: without a name of its own
---@return table? volume the engine's table; also of one of that name and driver that was there already
---@return moontide.Error? err
function docker.volume_create(options) end

--- Removes a volume and what is in it.
---@param name string name
---@param options? moontide.ForceOptions default: not by force
---@return true? done also when there is none
---@return moontide.Error? err conflict: a container uses it
function docker.volume_remove(name, options) end

---@class moontide.PruneOptions
---@field label moontide.LabelFilter? only what has it
---@field older moontide.Duration? only what was made so long ago; not for volumes
---@field all boolean? images that have a name, too; volumes that have one of their own, too; default false

--- Removes what nothing uses.
---@param what "containers"|"images"|"networks"|"volumes" kind of things
---@param options? moontide.PruneOptions default: all that is unused; of images and volumes those without a name
---@return moontide.Pruned? pruned
---@return moontide.Error? err conflict: the engine prunes already
function docker.prune(what, options) end

--- Unpacks a tar archive in a container, which need not run.
---@param id string name or id
---@param path string directory in the container, which must be there
---@param tar string the archive; it may be compressed
---@return true? done
---@return moontide.Error? err not_found: no such container or directory
function docker.copy_to(id, path, tar) end

--- A file or directory of a container, which need not run.
---@param id string name or id
---@param path string in the container
---@return string? tar an archive
---@return moontide.Error? err not_found: no such container or path
function docker.copy_from(id, path) end

return docker
