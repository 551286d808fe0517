-- The definitions for editors (lua/moontide/meta, LuaCATS) and the running program say the same.
local cjson = require "cjson"
local host = require "spec.support.host"

-- Not for scripts, though they can be reached: the command line sets up with them.
local INTERNAL = {["docker.use"] = true, ["log.configure"] = true, ["log.diagnose"] = true,
  ["log.shows"] = true}

-- The tables of mt, and what stands for other objects, in Lua.
local OBJECTS = {
  ["moontide"] = "mt", ["moontide.Docker"] = "mt.docker", ["moontide.Http"] = "mt.http", ["moontide.Json"] = "mt.json",
  ["moontide.Log"] = "mt.log", ["moontide.Manager"] = "MEMBERS", ["moontide.Text"] = "mt.text",
  ["moontide.Task"] = "debug.getmetatable(mt.spawn(print)).__index",
  ["moontide.Server"] = [[(function()
    local server = mt.http.serve {addr = "127.0.0.1:0", routes = {}}
    local names = {addr = server.addr}
    server:close()
    for name, method in pairs(debug.getmetatable(server).__index) do names[name] = method end
    return names
  end)()]],
  ["moontide.Timer"] = "debug.getmetatable(mt.after(0, print)).__index",
  ["moontide.Hook"] = "debug.getmetatable(mt.on('create', print)).__index",
  ["moontide.Iterator"] = "debug.getmetatable(require('moontide.docker.iterator').class(print, print) {}).__index",
  ["moontide.Pull"] = "debug.getmetatable(require('moontide.docker.pull').pull(FAKE)('x')).__index",
}

-- What is read from the files: classes[name] = {fields, functions}, known[name], all[] = functions.
local meta = {classes = {}, known = {}, all = {}}

local function class(name)
  meta.classes[name] = meta.classes[name] or {fields = {}, functions = {}}
  meta.known[name] = true
  return meta.classes[name]
end

-- "(id, options)" and the comment before it.
local function add_function(of, name, arguments, comment, place)
  local fn = {name = name, class = of, place = place, params = {}, returns = {}, text = {}, arguments = {}}
  for argument in arguments:gmatch("[%w_.]+") do fn.arguments[#fn.arguments + 1] = argument end
  for _, line in ipairs(comment) do
    local tag, rest = line:match("^%-%-%-@(%w+) (.*)$")
    if tag == "param" then
      local param, kind, text = rest:match("^(%S+) (%S+) (.+)$")
      fn.params[#fn.params + 1] = {name = param or rest, type = kind or "", text = text or ""}
    elseif tag == "return" then
      fn.returns[#fn.returns + 1] = {type = rest:match("^%S+"), text = rest:match("^%S+ (.+)$") or ""}
    else
      fn.text[#fn.text + 1] = line:match("^%-%-%- (.+)$")
    end
  end
  table.insert(meta.all, fn)
  class(of).functions[name] = fn
  return fn
end

local function read(path)
  local comment, current, variables, number = {}, nil, {}, 0
  for line in io.lines(path) do
    number = number + 1
    local field, rest = line:match("^%-%-%-@field (%S+) (.+)$")
    local of, by, name, arguments = line:match("^function (%w+)([.:])([%w_]+)(%b()) end$")
    if line:find("^%-%-%-@class") then
      current = line:match("^%-%-%-@class ([%w.]+)")
      class(current)
    elseif line:find("^%-%-%-@alias") then
      meta.known[line:match("^%-%-%-@alias ([%w.]+)")] = true
    elseif field then
      class(current).fields[field] = {text = rest, place = path .. ":" .. number}
    elseif line:find("^local %w+ = {}$") then
      variables[line:match("^local (%w+)")] = current
    elseif of then
      add_function(variables[of], name, arguments, comment, path .. ":" .. number).by = by
    end
    if line:find("^%-%-%-") then comment[#comment + 1] = line else comment = {} end
    for used in line:gmatch("moontide%.%u%w*") do meta.used = meta.used or {}; meta.used[used] = path .. ":" .. number end
  end
end

for _, name in ipairs {
  "mt", "manager", "manager_results", "record", "docker", "streams", "objects", "spec", "types", "parts", "serve",
} do
  read("lua/moontide/meta/" .. name .. ".lua")
end

local function eval(code)
  local result = host.eval(code)
  assert.are.equal(0, result.code, result.err)
  return (result.out:gsub("\n$", ""))
end

local NAMES = [[(function()
  local _ = mt.docker, mt.http, mt.json, mt.log, mt.manager, mt.text -- they load on first use
  -- An engine that has begun whatever was asked of it.
  local function FAKE() return {stream = function() return {close = print} end} end
  local MEMBERS = {desired_images = true}
  for _, part in ipairs(debug.getmetatable(mt.manager()).members) do
    for name in pairs(part) do MEMBERS[name] = true end
  end
  local function names_of(object)
    local names = mt.json.array()
    for name in pairs(object) do
      if not name:find '^__' then names[#names + 1] = name end
    end
    return names
  end
  return mt.json.encode {%s}
end)()]]

-- The names in the objects of the running program, {["moontide.Docker"] = {"connect", ...}}.
local function running()
  local parts = {}
  for name, code in pairs(OBJECTS) do
    parts[#parts + 1] = ("['%s'] = names_of(%s)"):format(name, code)
  end
  return cjson.decode(eval(NAMES:format(table.concat(parts, ","))))
end

local function short(of, name)
  local object = OBJECTS[of]:match("^mt%.(%w+)$")
  return (object and object .. "." or "") .. name
end

describe("The definitions #slow", function()
  local names = running()

  it("have every public name of the running program", function()
    local missing = {}
    for of, list in pairs(names) do
      for _, name in ipairs(list) do
        local defined = class(of).functions[name] or class(of).fields[name]
          or of == "moontide.Pull" and class "moontide.Iterator".functions[name]
        if not defined and not INTERNAL[short(of, name)] then missing[#missing + 1] = of .. " " .. name end
      end
    end
    assert.are.same({}, missing)
  end)

  it("define nothing that is not there", function()
    local surplus = {}
    for of in pairs(OBJECTS) do
      local there = {}
      for _, name in ipairs(names[of]) do there[name] = true end
      for _, map in ipairs {class(of).functions, class(of).fields} do
        for name in pairs(map) do
          if not there[name] then surplus[#surplus + 1] = of .. " " .. name end
        end
      end
    end
    assert.are.same({}, surplus)
  end)

  it("describe every function, its arguments and its results", function()
    for _, fn in ipairs(meta.all) do
      assert.truthy(fn.text[1] and fn.text[1]:find("%.$") or fn.text[2], fn.place .. ": no description")
      assert.are.equal(#fn.arguments, #fn.params, fn.place .. ": arguments")
      for i, param in ipairs(fn.params) do
        assert.are.equal(fn.arguments[i], (param.name:gsub("%?$", "")), fn.place)
        assert.truthy(param.text:find("%a"), ("%s: %s is not described"):format(fn.place, param.name))
        if param.name:find("%?$") and param.name ~= "keys?" then
          assert.truthy(param.text:find("^default"), ("%s: what is the default of %s"):format(fn.place, param.name))
        end
      end
      for _, result in ipairs(fn.returns) do assert.truthy(result.text:find("%a"), fn.place .. ": a result without a name") end
    end
  end)

  it("say of every function of an engine how it fails", function()
    for name, fn in pairs(class "moontide.Docker".functions) do
      if name ~= "request" then
        assert.are.equal(2, #fn.returns, fn.place)
        assert.are.equal("moontide.Error?", fn.returns[2].type, fn.place)
        assert.matches("%?$", (fn.returns[1].type:gsub("|nil$", "?")), fn.place)
      end
    end
  end)

  it("describe every field", function()
    local count = 0
    for name, one in pairs(meta.classes) do
      for field, row in pairs(one.fields) do
        assert.truthy(row.text:find("^.- %S+"), ("%s: %s.%s"):format(row.place, name, field))
        count = count + 1
      end
    end
    assert.is_true(count > 150)
  end)

  it("name only types that are defined", function()
    for name, place in pairs(meta.used) do assert.truthy(meta.known[name], ("%s: %s"):format(place, name)) end
  end)
end)

-- What an argument before the options may be, in Lua; of others the name as a text.
local ARGUMENTS = {
  keys = "nil", list = "{}", fn = "print", value = "{}", text = "'1'", url = "'http://127.0.0.1:1'", path = "'/x'",
  method = "'GET'", tar = "''", image = "'x'", wanted = "nil",
}

-- A key that is near to none: the message lists what is valid.
local UNKNOWN = ("0"):rep(60)

-- The keys that a function takes in its options, or in the table under one of them.
local function accepted(call)
  local text = eval(("select(2, pcall(function() return %s end))"):format(call))
  local list = text:match("; valid: (.*)$")
  if not list then error(call .. " says: " .. text) end
  local keys = {}
  for key in list:gmatch("[%w_]+") do keys[#keys + 1] = key end
  return keys
end

local function sorted(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- The call with options, written in Lua.
local function call_of(fn, options)
  local arguments = {}
  for i, param in ipairs(fn.params) do
    arguments[i] = ARGUMENTS[param.name:gsub("%?$", "")] or ("'%s'"):format(param.name)
  end
  arguments[#arguments] = options
  local object = fn.class == "moontide.Manager" and "mt.manager()" or OBJECTS[fn.class]
  return ("%s%s%s(%s)"):format(object, fn.by, fn.name, table.concat(arguments, ", "))
end

describe("The definitions of options #slow", function()
  local checked = 0

  for _, fn in ipairs(meta.all) do
    local last = fn.params[#fn.params]
    local options = last and last.type:match("^(moontide%.%w+)$")
    -- text.table's options are not checked when it runs.
    if options and meta.classes[options] and next(meta.classes[options].fields) and fn.name ~= "table" then
      checked = checked + 1
      it(("of %s.%s are those that it takes"):format(OBJECTS[fn.class], fn.name), function()
        local seen = {}
        local prunes = fn.class == "moontide.Docker" and fn.name == "prune"
        local kinds = prunes and {"containers", "images", "networks", "volumes"} or {"id"}
        for _, what in ipairs(kinds) do
          ARGUMENTS.what = "'" .. what .. "'"
          for _, key in ipairs(accepted(call_of(fn, ("{['%s'] = 1}"):format(UNKNOWN)))) do seen[key] = true end
        end
        assert.are.same(sorted(meta.classes[options].fields), sorted(seen))
      end)
    end
  end

  it("were looked for", function() assert.is_true(checked > 25) end)

  for option, name in pairs {resources = "Resources", healthcheck = "Healthcheck", log = "LogDriver"} do
    it("of a spec's " .. option .. " are those that it takes", function()
      local keys = accepted(("mt.docker.create {image = 'x', %s = {['%s'] = 1}}"):format(option, UNKNOWN))
      assert.are.same(sorted(meta.classes["moontide." .. name].fields), keys)
    end)
  end

  it("of a pull's auth are those that it takes", function()
    local keys = accepted(("mt.docker.pull('x', {auth = {['%s'] = 1}})"):format(UNKNOWN))
    assert.are.same(sorted(meta.classes["moontide.Auth"].fields), keys)
  end)
end)
