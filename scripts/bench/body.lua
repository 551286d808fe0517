-- body: what moontide sends to have the container made, for the raw calls to send the same
local mt = require "moontide"

local _, body = require("moontide.docker.spec").compile("docker.create", require "container")
print(mt.json.encode(body))
