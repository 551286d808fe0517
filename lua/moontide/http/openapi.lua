--- The OpenAPI 3.1 document of a server's routes; pure.

local ordered = require "moontide.core.ordered"

local ERROR_REF = {["$ref"] = "#/components/schemas/Error"}

local schema_of_fields

local function schema_of(field)
  local schema = {}
  if field.type ~= "any" then schema.type = field.type end
  if field.fields then schema = schema_of_fields(field.fields) end
  local sizes = {string = {"minLength", "maxLength"}, array = {"minItems", "maxItems"}}
  local names = sizes[field.type] or {"minimum", "maximum"}
  schema[names[1]], schema[names[2]], schema.enum = field.min, field.max, field.enum
  if field.list then schema = {type = "array", items = schema} end
  schema.description, schema.default = field.description, field.default
  return schema
end

function schema_of_fields(fields)
  local schema = {type = "object", properties = {}, additionalProperties = false}
  for name, field in ordered.pairs(fields) do
    schema.properties[name] = schema_of(field)
    if not field.optional then
      schema.required = schema.required or {}
      table.insert(schema.required, name)
    end
  end
  return schema
end

-- Templates of one shape are one path to OpenAPI: where routes name a segment differently, all names
-- stand there. Returns the path, and for each place the name in it.
local function template(group)
  local names, texts = {}, {}
  for i, segment in ipairs(group[1].segments) do
    if segment.name then
      local seen, all = {}, {}
      for _, route in ipairs(group) do
        local name = route.segments[i].name
        if not seen[name] then all[#all + 1] = name end
        seen[name] = true
      end
      names[#names + 1] = table.concat(all, "_or_")
    end
    texts[i] = segment.name and ("{%s}"):format(names[#names]) or segment.text
  end
  return "/" .. table.concat(texts, "/"), names
end

local function parameters(route, names)
  local list, place = {}, 0
  for _, segment in ipairs(route.segments) do
    if segment.name then
      place = place + 1
      local field = route.value.params and route.value.params[segment.name] or {type = "string"}
      local rest = segment.rest and "one or more segments" or nil
      list[#list + 1] = {
        name = names[place], ["in"] = "path", required = true, schema = schema_of(field),
        description = field.description or rest,
      }
    end
  end
  for name, field in ordered.pairs(route.value.query or {}) do
    list[#list + 1] = {
      name = name, ["in"] = "query", required = not field.optional, schema = schema_of(field),
      description = field.description,
    }
  end
  return #list > 0 and list or nil
end

-- "GET /containers/{image*}" as "get_containers_image".
local function operation_id(route)
  return (route.key:lower():gsub("[^%w]+", "_"):gsub("_$", ""))
end

local function operation(route, names, has_token)
  local value = route.value
  local responses = {
    ["200"] = {description = "done", content = {["application/json"] = {schema = {}}}},
    default = {description = "not done", content = {["application/json"] = {schema = ERROR_REF}}},
  }
  local body = value.body and {
    required = true, content = {["application/json"] = {schema = schema_of_fields(value.body)}},
  }
  if value.body or value.query or value.params then
    responses["422"] = {
      description = "a field is not valid", content = {["application/json"] = {schema = ERROR_REF}},
    }
  end
  if has_token then responses["401"] = {["$ref"] = "#/components/responses/Unauthorized"} end
  return {
    operationId = operation_id(route), summary = value.summary, description = value.description,
    parameters = parameters(route, names), requestBody = body, responses = responses,
  }
end

local ERROR = {
  type = "object", required = {"error"},
  properties = {
    error = {type = "string", description = "what is wrong, and what to do"},
    field = {type = "string", description = "the field that it is about"},
  },
}

local function components(has_token)
  local parts = {schemas = {Error = ERROR}}
  if has_token then
    parts.securitySchemes = {token = {type = "http", scheme = "bearer"}}
    parts.responses = {
      Unauthorized = {
        description = "no token, or a wrong one", content = {["application/json"] = {schema = ERROR_REF}},
      },
    }
  end
  return parts
end

-- Routes of one shape, as OpenAPI sees shapes: {name*} is a name.
local function groups_of(list)
  local groups = {}
  for _, route in ipairs(list) do
    local shape = route.path:gsub("{[^}]*}", "{}")
    groups[shape] = groups[shape] or {}
    table.insert(groups[shape], route)
  end
  return groups
end

-- OpenAPI has no two operations of one method at a path: {name} comes before {name*}.
local function add_operations(item, group, names, has_token)
  for _, route in ipairs(group) do
    local method = route.method:lower()
    if not item[method] or not route.path:find("*}", 1, true) then item[method] = operation(route, names, has_token) end
  end
  return item
end

--- The document.
---@param options {title: string?, version: string?, description: string?}
---@param routes table[] of routes.compile, their fields compiled
---@param has_token boolean whether a token is asked for
---@return table document
local function document(options, routes, has_token)
  local paths = {}
  for _, group in ordered.pairs(groups_of(routes)) do
    local path, names = template(group)
    paths[path] = add_operations({}, group, names, has_token)
  end
  return {
    openapi = "3.1.0",
    info = {
      title = options.title or "moontide", version = options.version or "1", description = options.description,
    },
    paths = paths,
    components = components(has_token),
    security = has_token and {{token = setmetatable({}, {__jsontype = "array"})}} or nil,
  }
end

return {document = document}
