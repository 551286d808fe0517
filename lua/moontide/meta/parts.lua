---@meta

--- mt.http, mt.json, mt.log and mt.text.

---@class moontide.Http
local http = {}

---@class moontide.HttpOptions
---@field headers table<string,string|number>? {Accept = "application/json"}
---@field body string? default: none
---@field timeout moontide.Duration? for the whole request; default 30 s; 0: none
---@field max_body integer? bytes of the reply's body, a longer one is an error; default 16 MiB
---@field ca_file string? PEM, instead of the system's certificate authorities
---@field cert_file string? PEM, with key_file: to show a client certificate
---@field key_file string? PEM
---@field deny_link_local boolean? refuses 169.254.0.0/16 and fe80::/10, also behind a name; no proxy; default false
---@field ignore_body boolean? at most 64 KiB of it are read, and what happens to it is no error; default false

---@class moontide.HttpReply
---@field status integer any status is a reply
---@field headers table<string,string> names in lower case
---@field body string as it came

--- GET. TLS is always verified; a redirect is a reply; the proxies of the environment are used.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: 30 s
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.get(url, options) end

--- HEAD: as http.get, without a body.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: 30 s
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.head(url, options) end

--- POST: as http.get.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: an empty body
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.post(url, options) end

--- PUT: as http.get.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: an empty body
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.put(url, options) end

--- PATCH: as http.get.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: an empty body
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.patch(url, options) end

--- DELETE: as http.get.
---@param url string "https://host[:port]/path"
---@param options? moontide.HttpOptions default: 30 s
---@return moontide.HttpReply? reply
---@return moontide.Error? err transport, timeout: no reply came
function http.delete(url, options) end

---@class moontide.Json
---@field null userdata JSON's null; decode gives it, encode takes it
local json = {}

---@class moontide.EncodeOptions
---@field indent integer? blanks of each level, 0 to 8; default 0: one line

--- A value as JSON text; maps in the order of their keys. Raises what cannot be JSON.
---@param value any a table is an array when it has been marked or holds 1 to n, else an object
---@param options? moontide.EncodeOptions default: one line
---@return string text
function json.encode(value, options) end

---@class moontide.DecodeOptions
---@field max_depth integer? of arrays and objects in each other; at most and by default 100
---@field max_length integer? bytes of the text; default 64 MiB

--- The value of a JSON text; integers of 64 bits stay exact.
---@param text string one JSON value
---@param options? moontide.DecodeOptions default: the largest that are allowed
---@return any value null is mt.json.null
---@return moontide.Error? err invalid: with line and column
function json.decode(text, options) end

--- Marks a table as an array, so that it is `[]` also when it is empty.
---@param table? table default: a new one
---@return table table the same
function json.array(table) end

---@class moontide.Log
local log = {}

--- A message for who looks for something: shown with -v.
---@param format any text, as string.format when more follows; a table is shown as JSON, without secrets
---@param ... any what fills the format
function log.debug(format, ...) end

--- A message that all is well.
---@param format any text, as string.format when more follows; a table is shown as JSON, without secrets
---@param ... any what fills the format
function log.info(format, ...) end

--- A message that something may be wrong.
---@param format any text, as string.format when more follows; a table is shown as JSON, without secrets
---@param ... any what fills the format
function log.warn(format, ...) end

--- A message that something is wrong.
---@param format any text, as string.format when more follows; a table is shown as JSON, without secrets
---@param ... any what fills the format
function log.error(format, ...) end

---@class moontide.Text
local text = {}

---@class moontide.Column
---@field key string of the cell in a row
---@field title string? default: the key; printed in upper case
---@field right boolean? aligned right, for numbers, and never shortened; default false
---@field keep boolean? never shortened either, as names that are copied from the table; default false
---@field min integer? letters that it is shortened to before any column is left out; default 4
---@field priority integer? it is left out when the table is too wide, the highest first; default: never
---@field format nil|fun(value:any,row:table):any what to print for a value that is not nil
---@field colour nil|fun(value:any,row:table):string? an escape sequence such as "\27[32m"; nil: none

---@class moontide.TableOptions
---@field width integer? letters in a line; wider tables are shortened, then lose columns; default: as wide as it gets
---@field colour boolean? whether the columns' colours are used; default false

--- A table for people: lines of text.
---@param rows table[] what the columns pick from
---@param columns moontide.Column[] from left to right
---@param options? moontide.TableOptions default: not shortened
---@return string text
function text.table(rows, columns, options) end

--- An amount of bytes for people.
---@param bytes number how many
---@return string text "12.3 MiB"
function text.bytes(bytes) end

--- A time span for people.
---@param seconds number how long
---@return string text "1m30s": the two largest units
function text.duration(seconds) end

return http, json, log, text
