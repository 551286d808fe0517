---@meta

--- mt.http.serve: a server in a script.

---@class moontide.Http
local http = {}

---@class moontide.ServeRequest
---@field method string "GET"
---@field path string decoded: "/containers/a b"
---@field params moontide.Texts what stands for {name} in the route, decoded
---@field query table<string,any> decoded, of the types that the route's query says; else strings
---@field headers moontide.Texts names in lower case
---@field body string as it came; "" for none
---@field json any the body, decoded, when its type is JSON
---@field peer string "127.0.0.1:51234"

---@class moontide.Field
---@field type string? "string", "integer", "number", "boolean", "object", "array", "any"; "?": optional; "[]": a list
---@field description string? for the OpenAPI document
---@field min number? the least number; of a string or a list: characters, items
---@field max number? the greatest
---@field enum any[]? nothing else is taken
---@field default any? when it is not there; then it is optional
---@field fields table<string,moontide.Field|string>? of an object, which then takes no others

---@class moontide.Route
---@field summary string? for the OpenAPI document
---@field description string? for the OpenAPI document
---@field body table<string,moontide.Field|string>? of the JSON that is needed: {image = "string", min = "integer?"}
---@field query table<string,moontide.Field|string>? as body; other names are then refused
---@field params table<string,moontide.Field|string>? of what stands for {name}; default: strings

---@alias moontide.Handler fun(req:moontide.ServeRequest):any,any,table?

---@class moontide.OpenApi
---@field title string? default "moontide"
---@field version string? of what is served; default "1"
---@field description string? default: none
---@field path string? where the document is; default "/openapi.json"

---@class moontide.ServeOptions
---@field addr string? "ADDRESS:PORT", ":PORT" is loopback, port 0 any free one; default "127.0.0.1:8080"
---@field token string? asked for in Authorization: Bearer TOKEN; default: none
---@field hosts string[]? further names that clients may know this server by; default: localhost and its address
---@field max_body integer|string|nil bytes, or "1m", of a request's body: 413 beyond; default "1m"
---@field max_connections integer? the one that has waited longest is dropped for one more; default 64
---@field timeout moontide.Duration? for a request to arrive, and between two; default 10 s
---@field openapi moontide.OpenApi? serves a document that describes the routes; default: none
---@field routes table<string,moontide.Handler|moontide.Route> required; "GET /containers/{name}": {name*} is the rest

--- Listens, and serves until it is closed. Each request is handled by a task of its own, cancelled when its client
--- goes away. What a handler returns is the reply: a table (JSON), a string (text), nil or true (204), a status with
--- body and headers, or nil and an error.
---@param options moontide.ServeOptions where, what and for whom
---@return moontide.Server? server
---@return moontide.Error? err conflict: another program listens there
function http.serve(options) end

---@class moontide.Server
---@field addr string where it listens: "127.0.0.1:8080"
local server = {}

--- Takes no more requests. Those that are being served may end, within the timeout.
function server:close() end

return http, server
