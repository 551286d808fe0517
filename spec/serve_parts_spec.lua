-- The parts of mt.http.serve that are pure: targets, routes, fields, the OpenAPI document.
local openapi = require "moontide.http.openapi"
local routes = require "moontide.http.routes"
local uri = require "moontide.http.uri"
local validate = require "moontide.http.validate"

describe("A path", function()
  for path, segments in pairs {
    ["/"] = {}, ["/a"] = {"a"}, ["/a/"] = {"a", ""}, ["//"] = {"", ""}, ["/a%2Fb/c+d"] = {"a/b", "c+d"}, ["/%C3%A4"] = {"ä"},
    ["/..."] = {"..."}, ["/a..b"] = {"a..b"},
  } do
    it(path .. " has its segments", function() assert.same(segments, uri.segments(path)) end)
  end

  for _, path in ipairs {
    "", "*", "a", "/..", "/.", "/a/%2E%2e", "/a%2f..", "/..%5c", "/%", "/%4", "/%zz", "/%00", "/%0a", "/%7f", "/%ff",
  } do
    it(path .. " is none", function() assert.is_nil(uri.segments(path)) end)
  end
end)

describe("A query", function()
  for text, values in pairs {
    [""] = {}, ["a=1&b=x+y"] = {a = "1", b = "x y"}, ["a"] = {a = ""}, ["a=b=c&&"] = {a = "b=c"}, ["a=1&a=2"] = {a = "2"},
    ["%61=%2B"] = {a = "+"},
  } do
    it(text .. " has its values", function() assert.same(values, uri.query(text)) end)
  end

  it("that cannot be decoded is none", function()
    for _, text in ipairs {"a=%", "%ff=1", "a=%00"} do assert.is_nil(uri.query(text)) end
  end)
end)

local ROUTES = {
  ["GET /"] = "root", ["GET /a"] = "a", ["GET /a/{x}"] = "one", ["GET /a/{x*}"] = "rest", ["GET /a/b"] = "b",
  ["DELETE /a/{y}"] = "delete", ["GET /{x}/c/{z}"] = "two", ["HEAD /a"] = "head",
}

describe("A route", function()
  local router = routes.compile("test", ROUTES)

  local function find(method, path)
    local route, more = router:find(method, uri.segments(path))
    return route and route.value, more
  end

  for request, expected in pairs {
    ["GET /"] = {"root", {}}, ["GET /a"] = {"a", {}}, ["HEAD /a"] = {"head", {}}, ["HEAD /"] = {"root", {}},
    ["GET /a/b"] = {"b", {}}, ["GET /a/c"] = {"one", {x = "c"}}, ["GET /a/b/c"] = {"rest", {x = "b/c"}},
    ["GET /x/c/d"] = {"two", {x = "x", z = "d"}}, ["GET /a/c/d"] = {"rest", {x = "c/d"}},
    ["DELETE /a/b"] = {"delete", {y = "b"}},
  } do
    it("is found for " .. request, function()
      local value, params = find(request:match("^(%S+) (%S+)$"))
      assert.same(expected, {value, params})
    end)
  end

  for request, allow in pairs {
    ["PUT /a"] = "GET, HEAD, OPTIONS", ["PUT /a/b"] = "DELETE, GET, HEAD, OPTIONS", ["DELETE /a/b/c"] = "GET, HEAD, OPTIONS",
  } do
    it("is not found for " .. request, function() assert.same({nil, allow}, {find(request:match("^(%S+) (%S+)$"))}) end)
  end

  it("is not found where there is no path", function()
    for _, path in ipairs {"/b", "/a/", "/a//b", "/x/d/e"} do assert.same({nil, nil}, {find("GET", path)}) end
  end)

  for key, words in pairs {
    ["GET a"] = 'route "GET a" must be "METHOD /path"', ["get /a"] = 'must be "METHOD /path"',
    ["FETCH /a"] = 'must be "METHOD /path"',
    ["GET /{}"] = 'is no segment', ["GET /a{b}"] = 'is no segment', ["GET /{a*}/b"] = '{a*} must be its last segment',
    ["GET /{a}/{a}"] = 'names {a} twice', ["GET /a?b"] = 'is no segment',
  } do
    it(key .. " is none", function()
      local ok, message = pcall(routes.compile, "test", {[key] = true})
      assert.is_false(ok)
      assert.truthy(message:find(words, 1, true), message)
    end)
  end

  it("is for requests of its own", function()
    local ok, message = pcall(routes.compile, "test", {["GET /{a}"] = true, ["GET /{b}"] = true})
    assert.is_false(ok)
    assert.matches('routes "GET /{a}" and "GET /{b}" are for the same requests', message)
  end)
end)

local ARRAY = {__jsontype = "array"}
local function array(list) return setmetatable(list, ARRAY) end

describe("A field", function()
  local fields = validate.compile("test", "body", {
    s = "string?", i = "integer?", n = "number?", b = "boolean?", o = "object?", a = "array?", x = "any?", l = "integer[]?",
    r = {type = "integer", min = 1, max = 3, default = 2}, e = {type = "string?", enum = {"on", "off"}},
    f = {type = "object?", fields = {name = "string", deep = {type = "object[]?", fields = {k = "string"}}}},
    t = {type = "string?", min = 2, max = 3},
  })

  for name, given in pairs {
    s = "", i = 3, n = 1.5, b = false, o = {k = 1}, a = array {}, x = true, l = array {1, 2}, r = 3, e = "off",
    f = {name = "a", deep = array {{k = "v"}}}, t = "äöü",
  } do
    it(name .. " takes what it is for", function()
      local expected = {r = 2}
      expected[name] = given
      assert.same({expected, nil}, {validate.follow(fields, {[name] = given})})
    end)
  end

  it("that is a float without fraction becomes an integer", function()
    assert.equal("integer", math.type(validate.follow(fields, {i = 3.0}).i))
  end)

  it("that is null is not there, where that is allowed", function()
    assert.same({r = 2}, (validate.follow(fields, {s = io.stdout, r = io.stdout})))
    local _, err = validate.follow(validate.compile("test", "body", {s = "string"}), {s = io.stdout})
    assert.matches("must be a string", err.error)
  end)

  for name, case in pairs {
    s = {1, "s", "must be a string, got number 1"}, i = {1.5, "i", "must be a whole number"}, n = {"1", "n", "must be a number"},
    b = {1, "b", "must be true or false"}, o = {array {}, "o", "must be an object"}, a = {{k = 1}, "a", "must be a list"},
    l = {array {1, "2"}, "l[2]", "must be a whole number"}, r = {4, "r", "must be at most 3"},
    e = {"up", "e", "must be one of on, off"},
    f = {{name = "a", deep = array {{k = 1}}}, "f.deep[1].k", "must be a string"},
    t = {"ä", "t", "must be at least 2 characters"},
    ss = {1, "ss", 'is not known; valid: a, b'}, password = {1, "password", "is not known"},
  } do
    it(name .. " does not take what it is not for", function()
      local checked, err = validate.follow(fields, {[name] = case[1]})
      assert.is_nil(checked)
      assert.equal(case[2], err.field)
      assert.truthy(err.error:find(case[3], 1, true), err.error)
    end)
  end

  it("of a secret's name is not shown", function()
    local _, err = validate.follow(validate.compile("test", "body", {token = "integer"}), {token = "hunter2"})
    assert.not_matches("hunter2", err.error)
  end)

  it("in a query is read from its text", function()
    local texts = {i = "-3", n = "1.5", b = "true", s = "3"}
    assert.same({i = -3, n = 1.5, b = true, s = "3", r = 2}, (validate.follow_texts(fields, texts)))
    for name, text in pairs {i = "1e3", n = "0x10", b = "yes", r = "9"} do
      assert.equal(name, select(2, validate.follow_texts(fields, {[name] = text})).field)
    end
  end)

  for given, words in pairs {
    [{a = "strng"}] = 'body.a: "strng" is no type (did you mean "string"?)', [{a = 1}] = "body.a must be a type",
    [{"string"}] = "as a name",
    [{a = {typ = "string"}}] = 'unknown option "body.a.typ" (did you mean "type"?)',
    [{a = {fields = {b = 1}}}] = "body.a.b must be a type",
  } do
    it("must make sense: " .. words, function()
      local ok, message = pcall(validate.compile, "test", "body", given)
      assert.is_false(ok)
      assert.truthy(message:find(words, 1, true), message)
    end)
  end
end)

describe("The OpenAPI document", function()
  local list = {}
  for key, value in pairs {
    ["GET /c/{image*}"] = {summary = "Some"}, ["DELETE /c/{name}"] = {query = {force = "boolean?"}}, ["GET /"] = {},
    ["POST /c"] = {body = {
      image = {type = "string", description = "its reference"}, n = {type = "integer", min = 1, default = 1},
    }},
  } do
    for _, part in ipairs {"body", "query"} do value[part] = value[part] and validate.compile("test", part, value[part]) end
    list[key] = value
  end
  local document = openapi.document({title = "t", version = "2"}, routes.compile("test", list).list, true)

  it("has a path for each shape, and an operation for each route", function()
    local operations = {}
    for path, item in pairs(document.paths) do
      for method, operation in pairs(item) do
        operations[#operations + 1] = ("%s %s %s"):format(method, path, operation.operationId)
      end
    end
    table.sort(operations)
    assert.same({
      "delete /c/{name_or_image} delete_c_name", "get / get", "get /c/{name_or_image} get_c_image", "post /c post_c",
    }, operations)
  end)

  it("describes parameters and bodies", function()
    local item = document.paths["/c/{name_or_image}"]
    assert.same({
      name = "name_or_image", ["in"] = "path", required = true, schema = {type = "string"},
      description = "one or more segments",
    }, item.get.parameters[1])
    assert.same({name = "force", ["in"] = "query", required = false, schema = {type = "boolean"}}, item.delete.parameters[2])
    assert.same({
      type = "object", additionalProperties = false, required = {"image"},
      properties = {
        image = {type = "string", description = "its reference"}, n = {type = "integer", minimum = 1, default = 1},
      },
    }, document.paths["/c"].post.requestBody.content["application/json"].schema)
    assert.same({"t", "2", "Some"}, {document.info.title, document.info.version, item.get.summary})
  end)

  it("asks for the token", function()
    assert.same({{token = {}}}, document.security)
    assert.equal("bearer", document.components.securitySchemes.token.scheme)
    assert.is_nil(openapi.document({}, {}, false).security)
  end)
end)
