-- examples/api.lua: the manager over HTTP, on an engine; and the document that describes it.
local cjson = require "cjson"
local engine = require "spec.support.engine"
local served = require "spec.support.server"

local IMAGE = "moontide/web"
local JSON = "Content-Type: application/json\r\n"

local server

setup(function() server = served.file("examples/api.lua", "127.0.0.1:0") end)
teardown(function()
  local code, _, err = server:stop()
  assert.same({0, ""}, {code, err})
end)

local function ask(method, target, body)
  local status, text = server:ask(method, target, body and JSON or nil, body and cjson.encode(body))
  return status, text ~= "" and cjson.decode(text) or nil
end

-- Names of the managed containers, of that state.
local function names(status)
  local list = {}
  for _, container in ipairs(select(2, ask("GET", "/containers"))) do
    if not status or container.status == status then list[#list + 1] = container.name end
  end
  return list
end

describe("The API", function()
  after_each(function()
    for _, name in ipairs(names()) do assert.equal(200, (ask("DELETE", "/containers/" .. name .. "?force=true"))) end
  end)

  it("ensures, lists and deletes", function()
    assert.same({200, {}}, {ask("GET", "/containers")})
    local status, made = ask("POST", "/containers", {image = IMAGE, env = {A = "1"}, ports = {["80/tcp"] = 0}})
    assert.same({200, true, "created", IMAGE, "running"}, {status, made.ok, made.action, made.image, made.status})
    assert.is_string(made.ports["80/tcp"][1].HostPort)
    assert.equal(made.container_id, engine.inspect(made.name).Id)
    local _, kept = ask("POST", "/containers", {image = IMAGE})
    assert.same({"kept-existing", made.container_id}, {kept.action, kept.container_id})
    for _, target in ipairs {"/containers", "/containers/" .. IMAGE, "/containers/moontide%2Fweb"} do
      local _, list = ask("GET", target)
      assert.same({1, made.name}, {#list, list[1].name}, target)
    end
    assert.same({200, {}}, {ask("GET", "/containers/other")})
    assert.same({200, {deleted = true, container_id = made.container_id, name = made.name}},
      {ask("DELETE", "/containers/" .. made.name .. "?force=true")})
    assert.same({404, {deleted = false, error = "not-found", kind = "not_found"}}, {ask("DELETE", "/containers/" .. made.name)})
  end)

  it("scales and reconciles", function()
    local status, scaled = ask("POST", "/scale", {image = IMAGE, min_replicas = 2, max_replicas = 3})
    assert.same({200, true, {min_replicas = 2, max_replicas = 3}, 2}, {status, scaled.ok, scaled.desired, #scaled.actions})
    assert.equal(2, #names "running")
    engine.api("DELETE", "/containers/" .. names()[1] .. "?force=1")
    local _, reconciled = ask("POST", "/reconcile", {image = IMAGE})
    assert.same({true, 1, "create"}, {reconciled.ok, #reconciled.actions, reconciled.actions[1].action})
    local _, desired = ask("GET", "/desired")
    assert.same({2, 3}, {desired[IMAGE].min_replicas, desired[IMAGE].max_replicas})
  end)

  it("tells figures, stops and starts", function()
    local _, made = ask("POST", "/containers", {image = IMAGE})
    local status, stats = ask("GET", "/stats/" .. made.name)
    assert.same({200, true, "running", true}, {status, stats.ok, stats.status, stats.server_alive})
    assert.equal("exited", select(2, ask("POST", "/status/" .. made.name, {status = "stopped"})).status)
    assert.is_false(engine.inspect(made.name).State.Running)
    assert.equal("running", select(2, ask("POST", "/status/" .. made.name, {status = "running"})).status)
    local refused = {ok = false, error = "invalid-status", kind = "invalid"}
    assert.same({422, refused}, {ask("POST", "/status/" .. made.name, {status = "up"})})
    assert.same({404, {ok = false, error = "not-found", kind = "not_found"}}, {ask("GET", "/stats/nosuch")})
    assert.equal(404, (ask("POST", "/status/nosuch", {status = "running"})))
  end)

  for name, case in pairs {
    ["no image"] = {"/containers", {}, "image"}, ["an unknown field"] = {"/containers", {image = "x", prots = {a = 1}}, "prots"},
    ["an image of another type"] = {"/scale", {image = 1}, "image"},
    ["half a replica"] = {"/scale", {image = "x", min_replicas = 0.5}, "min_replicas"},
    ["more at least than at most"] = {"/scale", {image = "x", min_replicas = 3, max_replicas = 2}, "min_replicas"},
    ["too few"] = {"/scale", {image = "x", min_replicas = -1}, "min_replicas"},
    ["a CPU that is none"] = {"/containers", {image = "x", resources = {cpu = "fast"}}, "resources.cpu"},
    ["a resource that is none"] = {"/containers", {image = "x", resources = {cpus = 1}}, "resources.cpus"},
    ["a port that is none"] = {"/containers", {image = "x", ports = {["80/foo"] = 0}}, "port"},
  } do
    it("refuses " .. name .. " and names the field", function()
      local status, reply = ask("POST", case[1], case[2])
      assert.same({422, case[3]}, {status, reply.field}, reply.error)
      assert.truthy(reply.error:find(case[3], 1, true))
      assert.not_matches("api%.lua", reply.error)
    end)
  end

  it("says what it could not do", function()
    local status, reply = ask("POST", "/reconcile", {image = "moontide/nosuch"})
    assert.equal(502, status)
    assert.is_false(reply.ok)
    assert.matches("^Failed to run container: ", reply.actions[1].details.error)
  end)

  it("asks for the token when there is one", function()
    local guarded <close> = served.file("examples/api.lua", "127.0.0.1:0", "MOONTIDE_TOKEN=hunter2")
    assert.equal(401, (guarded:ask("GET", "/containers")))
    assert.equal(401, (guarded:ask("GET", "/openapi.json")))
    assert.equal(200, (guarded:ask("GET", "/containers", "Authorization: Bearer hunter2\r\n")))
    local code, _, err = guarded:stop()
    assert.same({0, ""}, {code, err})
  end)
end)

-- OpenAPI 3.1.0: the names of the specification's sections stand at the functions.
local METHODS = {get = true, put = true, post = true, delete = true, options = true, head = true, patch = true, trace = true}
local TYPES = {string = true, integer = true, number = true, boolean = true, object = true, array = true, null = true}

local function only(value, place, ...)
  local known = {}
  for _, key in ipairs {...} do known[key] = true end
  for key in pairs(value) do assert.truthy(known[key] or tostring(key):find("^x%-"), place .. " has " .. tostring(key)) end
end

-- JSON Schema 2020-12, what of it we use.
local function check_schema(schema, place)
  assert.is_table(schema, place)
  if schema["$ref"] then return end
  only(schema, place, "type", "properties", "required", "additionalProperties", "items", "description", "default", "enum",
    "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
  if schema.type then assert.truthy(TYPES[schema.type], place) end
  if schema.type == "array" then check_schema(schema.items, place .. ".items") end
  for name, property in pairs(schema.properties or {}) do check_schema(property, place .. "." .. name) end
  for _, name in ipairs(schema.required or {}) do assert.truthy(schema.properties[name], place .. " requires " .. name) end
end

local function check_content(content, place)
  assert.truthy(next(content), place)
  for kind, media in pairs(content) do
    assert.matches("^[%w.+-]+/[%w.+-]+$", kind)
    only(media, place, "schema")
    check_schema(media.schema, place)
  end
end

local function check_response(response, place)
  if response["$ref"] then return end
  only(response, place, "description", "content")
  assert.is_string(response.description, place)
  if response.content then check_content(response.content, place) end
end

-- "Path Item Object", "Parameter Object": every name in the template has its parameter, and none is there twice.
local function check_parameters(operation, path, place)
  local seen, wanted = {}, {}
  for name in path:gmatch("{([^}]*)}") do wanted[name] = true end
  for _, parameter in ipairs(operation.parameters or {}) do
    only(parameter, place, "name", "in", "required", "schema", "description")
    local key = parameter["in"] .. " " .. parameter.name
    assert.is_nil(seen[key], place)
    seen[key] = true
    assert.truthy(parameter["in"] == "query" or parameter["in"] == "path" and parameter.required == true, place)
    if parameter["in"] == "path" then assert.truthy(wanted[parameter.name], place) end
    check_schema(parameter.schema, place .. " " .. key)
  end
  for name in pairs(wanted) do assert.truthy(seen["path " .. name], place .. " lacks " .. name) end
end

local function check_operation(operation, path, place)
  only(operation, place, "operationId", "summary", "description", "parameters", "requestBody", "responses")
  check_parameters(operation, path, place)
  if operation.requestBody then check_content(operation.requestBody.content, place .. " body") end
  assert.truthy(next(operation.responses), place)
  for status, response in pairs(operation.responses) do
    assert.truthy(status == "default" or status:find("^[1-5]%d%d$"), place)
    check_response(response, place .. " " .. status)
  end
end

-- Every reference is to something in the document.
local function check_references(value, document)
  for key, item in pairs(value) do
    if key == "$ref" then
      local at = document
      for part in item:match("^#/(.*)$"):gmatch("[^/]+") do at = assert(at[part], item .. " leads nowhere") end
    elseif type(item) == "table" then
      check_references(item, document)
    end
  end
end

-- "OpenAPI Object", "Paths Object": no two templates of one shape, no two operations of one name.
local function check_document(document)
  only(document, "document", "openapi", "info", "paths", "components", "security")
  assert.matches("^3%.1%.%d+$", document.openapi)
  assert.is_string(document.info.title)
  assert.is_string(document.info.version)
  local shapes, ids = {}, {}
  for path, item in pairs(document.paths) do
    assert.matches("^/", path)
    local shape = path:gsub("{[^}]*}", "{}")
    assert.is_nil(shapes[shape], path)
    shapes[shape] = true
    for method, operation in pairs(item) do
      assert.truthy(METHODS[method], method)
      check_operation(operation, path, method .. " " .. path)
      assert.is_nil(ids[operation.operationId], operation.operationId)
      ids[operation.operationId] = true
    end
  end
  for name, schema in pairs(document.components.schemas) do check_schema(schema, name) end
  check_references(document, document)
  return ids
end

describe("The API's document", function()
  it("is OpenAPI 3.1, of every route", function()
    local status, document = ask("GET", "/openapi.json")
    assert.equal(200, status)
    local list = {}
    for id in pairs(check_document(document)) do list[#list + 1] = id end
    table.sort(list)
    assert.same({
      "delete_containers_name", "get_containers", "get_containers_image", "get_desired", "get_stats_id", "post_containers",
      "post_reconcile", "post_scale", "post_status_id",
    }, list)
  end)

  it("of a server with a token is one, too", function()
    local guarded <close> = served.file("examples/api.lua", "127.0.0.1:0", "MOONTIDE_TOKEN=hunter2")
    local _, text = guarded:ask("GET", "/openapi.json", "Authorization: Bearer hunter2\r\n")
    local document = cjson.decode(text)
    check_document(document)
    assert.truthy(text:find('"security":[{"token":[]}]', 1, true))
    assert.equal(0, (guarded:stop()))
  end)
end)
