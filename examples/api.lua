-- api: the manager over HTTP, at ADDR (its argument), for who shows $MOONTIDE_TOKEN; GET /openapi.json says all
local m = mt.manager {}
local CODES = {["not-found"] = 404, ["invalid-status"] = 422, invalid = 422, denied = 403, conflict = 409}

-- What a method of the manager returns, as a reply; a value that it refuses is its client's mistake.
local function call(method, ...)
  local ok, result, err = pcall(m[method], m, ...)
  local why = not ok and tostring(result):match ": (manager%.[%w_]+: .*)"
  if why then return 422, {error = why, field = why:match 'option "([^"]+)"' or why:match ': (%l+) "'} end
  if not ok then error(result, 0) end
  if not result or result.ok ~= false and result.deleted ~= false then return result, err end
  return CODES[result.error] or CODES[result.kind] or 502, result
end

-- A body {image = ..., ...} as an image and its options.
local function parts(req)
  local image = req.json.image
  req.json.image = nil
  return image, req.json
end

local server = assert(mt.http.serve {
  addr = ... or "127.0.0.1:8080", token = os.getenv "MOONTIDE_TOKEN", openapi = {title = "moontide manager"},
  routes = {
    ["POST /containers"] = {function(req) return call("ensure_singleton_for_image", parts(req)) end,
      body = {image = "string", env = "object?", ports = "object?", resources = "object?"}},
    ["GET /containers"] = function() return call "list_managed_containers" end,
    ["GET /containers/{image*}"] = function(req) return call("get_containers_for_image", req.params.image) end,
    ["DELETE /containers/{name}"] = {function(req) return call("delete_container", req.params.name, req.query) end,
      query = {force = "boolean?"}},
    ["POST /scale"] = {function(req) return call("scale", parts(req)) end,
      body = {image = "string", min_replicas = "integer?", max_replicas = "integer?"}},
    ["POST /reconcile"] = {function(req) return call("reconcile", parts(req)) end, body = {image = "string"}},
    ["GET /stats/{id}"] = function(req) return call("container_stats", req.params.id) end,
    ["POST /status/{id}"] = {function(req) return call("set_container_status", req.params.id, req.json) end,
      body = {status = "string"}},
    ["GET /desired"] = function() local all = {} for k, v in pairs(m.desired_images) do all[k] = v end return all end,
  },
})
io.write("listening on http://", server.addr, "\n"):flush()
