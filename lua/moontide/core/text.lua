--- mt.text: figures for people.

local table_text = require "moontide.core.table_text"
local units = require "moontide.core.units"

---@class moontide.Text
---@field table fun(rows: table[], columns: moontide.Column[], options: {width: integer?}?): string
---@field bytes fun(bytes: number): string "12.3 MiB"
---@field duration fun(seconds: number): string "1m30s"
return {table = table_text, bytes = units.bytes_text, duration = units.duration_text}
