---@meta

--- What the methods of a manager return.

---@class moontide.Ensured
---@field ok boolean false: see error
---@field action "created"|"kept-existing"|nil what was done
---@field image string the image
---@field container_id string? 64 hexadecimal digits
---@field name string? of the container
---@field status string? of the container
---@field ports moontide.Ports? that are bound
---@field error string? "Failed to run container: ..."
---@field kind string? of the error

---@class moontide.Action
---@field action "create"|"remove"|"start"|"stop" what was tried
---@field ok boolean whether it was done
---@field details moontide.Ensured? of a create
---@field container_id string? what it was done to; not for create
---@field name string? of that container
---@field error string? when it was not done

---@class moontide.Reconciled
---@field ok boolean as many run as are wished, and no action failed
---@field image string the image
---@field desired moontide.ReplicaCounts what is wished
---@field actions moontide.Action[] what was done
---@field current moontide.Summary[] the image's containers now
---@field error string? the first thing that is wrong
---@field kind string? of the error, when nothing could be done

---@class moontide.Deleted
---@field deleted boolean whether it is gone
---@field container_id string? of the container
---@field name string? of the container
---@field error string? "not-found", or a text
---@field kind string? of the error

---@class moontide.StatusSet
---@field ok boolean false: see error
---@field container_id string? of the container
---@field name string? of the container
---@field status string? of the container now
---@field ports moontide.Ports? that are bound now
---@field error string? "not-found", "invalid-status", or a text
---@field kind string? of the error

---@class moontide.ContainerStats
---@field ok boolean false: see error
---@field status string? of the container
---@field server_alive boolean? it runs, and its health check does not say otherwise
---@field cpu_percent number? of one core
---@field mem_usage integer? bytes, without the page cache
---@field mem_limit integer? bytes
---@field mem_percent number? usage of limit
---@field fs_free_bytes integer? bytes on its root file system
---@field error string? "not-found", or a text
---@field kind string? of the error

---@class moontide.Pruned
---@field ok boolean whether all of them are gone
---@field actions moontide.Action[] one for each that was to go
---@field error string? when none could be looked for
---@field kind string? of the error

---@class moontide.Adopted
---@field ok boolean false: see error
---@field image string the image
---@field adopted moontide.Summary[] whose manager is this one from now on
---@field error string? what went wrong
---@field kind string? of the error
